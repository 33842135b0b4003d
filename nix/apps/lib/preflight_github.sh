# shellcheck shell=bash
# What preflight asks GitHub. Only deploys from GitHub need it, so without gh it is left out.

check_github() {
  local repository faults name expected
  if [ -n "${GITHUB_ACTIONS:-}" ] || ! command -v gh >/dev/null || ! gh auth status >/dev/null 2>&1; then
    skipped github "gh is not signed in; only deploys from GitHub need what it would ask"
    return
  fi
  repository=$(repository_url)
  repository=${repository#https://github.com/}
  expected=$(subject_prefix "$repository")
  if [ "$(tfvar github_subject_prefix bootstrap)" = "$expected" ]; then
    passed subject "$expected"
  else
    failed subject "github_subject_prefix is '$(tfvar github_subject_prefix bootstrap)'" "write \"$expected\" into terraform/env/bootstrap.tfvars"
  fi
  check_variables "$repository"
  faults=$(environment_faults "$repository" "$env" main)
  faults+=${faults:+$'\n'}$(environment_faults "$repository" images main 'v*')
  while read -r name; do
    [ -z "$name" ] || failed environments "$name" "https://github.com/$repository/settings/environments"
  done <<<"$faults"
  [ "$env" = dev ] || check_reviewers "$repository"
  [ -n "$faults" ] || passed environments "only main may use $env and images"
}

check_variables() {
  local values
  values=$(gh variable list --repo "$1" --json name,value --jq 'from_entries')
  if [ "$(jq -r '.AWS_REGION // empty' <<<"$values")" != "$region" ]; then
    failed variables "AWS_REGION is not $region" "gh variable set AWS_REGION --repo $1 --body $region"
  elif [ "$(jq -r --arg env "$env" '(.AWS_ACCOUNT_IDS // "{}" | fromjson)[$env] // empty' <<<"$values")" != "$account" ]; then
    failed variables "AWS_ACCOUNT_IDS has not $account for $env" "gh variable set AWS_ACCOUNT_IDS --repo $1 --body '{\"$env\": \"$account\"}', with the others"
  else
    passed variables "AWS_REGION and AWS_ACCOUNT_IDS"
  fi
}

check_reviewers() {
  local rule
  rule=$(gh api "repos/$1/environments/$env" --jq '[.protection_rules[]? | select(.type == "required_reviewers")][0] // {}' 2>/dev/null) || return 0
  if [ "$(jq '.reviewers | length' <<<"$rule")" -eq 0 ]; then
    failed reviewers "nobody approves for $env" "add required reviewers; without them a deploy ends after its plan"
  elif [ "$(jq '.prevent_self_review // false' <<<"$rule")" != true ]; then
    failed reviewers "who starts a deploy of $env may approve it" "prevent self-review"
  else
    passed reviewers "somebody else approves for $env"
  fi
}
