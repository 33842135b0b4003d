#!/usr/bin/env bash
# Puts a kept plan into the state bucket, for an apply in another job or run.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=nix/apps/lib/record.sh
. "$here/lib/record.sh"

usage() {
  cat <<EOF
usage: $stage --root aws|kubernetes|dns --run ID [--env dev|staging|prod] [--dry-run]

Copies what plan-<root> kept under .plans/ into the encrypted state bucket, as plans/<env>/<run>/<root>.*, for fetch-plan.
Plans may hold secrets: they never become artifacts of a workflow.

  --root ROOT  aws, kubernetes or dns
  --run ID     the workflow run that planned
  --env NAME   dev, staging or prod (ENV, dev)
  --dry-run    show the commands, run none
EOF
}

# shown COMMIT - the change set, hashed, that the comment on its pull request showed for dev, or nothing.
shown() {
  local number
  number=$(gh api "repos/$GITHUB_REPOSITORY/commits/$1/pulls" --jq '.[0].number // empty') || return 0
  [ -z "$number" ] || gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$number/comments" \
    --jq '.[] | select(.user.login == "github-actions[bot]") | .body' | sed -n "s/^<!-- shown $root \([0-9a-f]*\) -->$/\1/p" | tail -n 1
}

compare_with_pull_request() {
  local before
  [ -n "${GH_TOKEN:-}${GITHUB_REPOSITORY:-}" ] && [ "$env" = dev ] || return 0
  before=$(shown "$(revision)")
  case $before in
    "") summarise "" "No pull request has shown what this changes." ;;
    "$(change_digest "$record")") summarise "" "This is the change set that the pull request showed." ;;
    *) summarise "" "**This is not the change set that the pull request showed**: read it anew." ;;
  esac
}

options "env= root= run=" "$@"
case ${root:-} in aws | kubernetes | dns) ;; *) misuse "--root is '${root:-}': aws, kubernetes or dns" ;; esac
[ -n "${run:-}" ] || misuse "--run is missing: the id of the workflow run that planned"
enter_checkout
settings
need aws jq
find_account
plan_files
if [ -z "$dry_run" ]; then
  if ! [ -f "$record" ] || ! [ -f "$saved" ]; then die "there is no plan of $root for $env: run $(stage_command "plan-$root" --env "$env")"; fi
  digest=$(jq -r .sha256 "$record")
  [ "$(plan_digest "$saved" "$record")" = "$digest" ] ||
    die "$saved or its record is not what was planned: run $(stage_command "plan-$root" --env "$env") again"
  summarise "### Plan of $root for $env: $(counts "$record")" "" "$(change_table "$record")" "" \
    "| commit | image | sha256 of the plan | run |" "|---|---|---|---|" \
    "$(jq -r --arg run "$run" '"| \(.commit) | \(.image_digest) | \(.sha256) | \($run) |"' "$record")"
  compare_with_pull_request
  say "the plan is sha256 $digest of run $run"
fi
for kind in tfplan json; do
  run aws s3 cp --only-show-errors ".plans/$env/$root.$kind" "s3://$(state_bucket)/plans/$env/$run/$root.$kind"
done
