# shellcheck shell=bash
# What preflight asks GitHub. Only deploys from GitHub need it, so without gh it is left out.

check_github() {
  if [ -n "${GITHUB_ACTIONS:-}" ] || ! command -v gh >/dev/null || ! gh auth status >/dev/null 2>&1; then
    skipped github "gh is not signed in; only deploys from GitHub need what it would ask"
    return
  fi
  repository=$(repository_url)
  repository=${repository#https://github.com/}
  at_once subject variables environments reviewers
}

check_subject() {
  local expected found
  expected=$(subject_prefix "$repository")
  found=$(tfvar github_subject_prefix bootstrap)
  if [ "$found" = "$expected" ]; then
    passed subject "$expected"
  else
    failed subject "github_subject_prefix is '$found'" "write \"$expected\" into terraform/env/bootstrap.tfvars"
  fi
}

check_environments() {
  local faults name
  faults=$(environment_faults "$repository" "$env" main && environment_faults "$repository" images main 'v*')
  while read -r name; do
    [ -z "$name" ] || failed environments "$name" "https://github.com/$repository/settings/environments"
  done <<<"$faults"
  [ -n "$faults" ] || passed environments "only main may use $env and images"
}

check_variables() {
  local values
  values=$(gh variable list --repo "$repository" --json name,value --jq 'from_entries')
  if [ "$(jq -r '.AWS_REGION // empty' <<<"$values")" != "$region" ]; then
    failed variables "AWS_REGION is not $region" "gh variable set AWS_REGION --repo $repository --body $region"
  elif [ "$(jq -r --arg env "$env" '(.AWS_ACCOUNT_IDS // "{}" | fromjson)[$env] // empty' <<<"$values")" != "$account" ]; then
    failed variables "AWS_ACCOUNT_IDS has not $account for $env" "gh variable set AWS_ACCOUNT_IDS --repo $repository --body '{\"$env\": \"$account\"}', with the others"
  else
    passed variables "AWS_REGION and AWS_ACCOUNT_IDS"
  fi
}

check_reviewers() {
  local rule
  [ "$env" != dev ] || return 0
  rule=$(gh api "repos/$repository/environments/$env" --jq '[.protection_rules[]? | select(.type == "required_reviewers")][0] // {}' 2>/dev/null) || return 0
  if [ "$(jq '.reviewers | length' <<<"$rule")" -eq 0 ]; then
    failed reviewers "nobody approves for $env" "add required reviewers; without them a deploy ends after its plan"
  elif [ "$(jq '.prevent_self_review // false' <<<"$rule")" != true ]; then
    failed reviewers "who starts a deploy of $env may approve it" "prevent self-review"
  else
    passed reviewers "somebody else approves for $env"
  fi
}
