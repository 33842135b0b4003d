#!/usr/bin/env bash
# Puts a kept plan into the state bucket, for an apply in another job or run.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
stage=store-plan
# shellcheck source=nix/apps/lib.sh
. "$here/lib.sh"

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

options "env= root= run=" "$@"
case ${root:-} in aws | kubernetes | dns) ;; *) misuse "--root is '${root:-}': aws, kubernetes or dns" ;; esac
[ -n "${run:-}" ] || misuse "--run is missing: the id of the workflow run that planned"
enter_checkout
settings
need aws jq
find_account
plan=.plans/$env/$root
if [ -z "$dry_run" ]; then
  if ! [ -f "$plan.json" ] || ! [ -f "$plan.tfplan" ]; then die "there is no plan of $root for $env: run plan-$root"; fi
  digest=$(jq -r .sha256 "$plan.json")
  [ "$(plan_digest "$plan.tfplan" "$plan.json")" = "$digest" ] ||
    die "$plan.tfplan or its record is not what was planned: run plan-$root again"
  summarise "### Plan of $root for $env" "" \
    "| changes | commit | image | sha256 of the plan | run |" "|---|---|---|---|---|" \
    "$(jq -r --arg run "$run" '"| \(.changes) | \(.commit) | \(.image_digest) | \(.sha256) | \($run) |"' "$plan.json")"
  say "the plan is sha256 $digest of run $run"
fi
for kind in tfplan json; do
  run aws s3 cp --only-show-errors "$plan.$kind" "s3://$bucket/plans/$env/$run/$root.$kind"
done
