#!/usr/bin/env bash
# Gets a stored plan back, if it is the one that was approved.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=nix/apps/lib/record.sh
. "$here/lib/record.sh"

usage() {
  cat <<EOF
usage: $stage --root aws|kubernetes|dns --run ID [--env dev|staging|prod] [--dry-run]

Copies what store-plan stored back under .plans/ for apply-<root>, and refuses what is not of the approved digest.

  --root ROOT  aws, kubernetes or dns
  --run ID     the workflow run that planned
  --env NAME   dev, staging or prod (ENV, dev)
  PLAN_SHA256  the digest that was approved
  --dry-run    show the commands, run none
EOF
}

options "env= root= run=" "$@"
case ${root:-} in aws | kubernetes | dns) ;; *) misuse "--root is '${root:-}': aws, kubernetes or dns" ;; esac
[ -n "${run:-}" ] || misuse "--run is missing: the id of the workflow run that planned"
[[ ${PLAN_SHA256:-} =~ ^[0-9a-f]{64}$ ]] || misuse "PLAN_SHA256 is '${PLAN_SHA256:-}': the 64 hexadecimal digits of the approved plan"
enter_checkout
settings
need aws jq
find_account
plan_files
make_scratch
for kind in tfplan json; do
  run aws s3 cp --only-show-errors "s3://$(state_bucket)/plans/$env/$run/$root.$kind" "$scratch/$root.$kind" ||
    die "run $run has no plan of $root for $env in $(state_bucket): is the run id right, and younger than the bucket keeps plans?"
done
[ -z "$dry_run" ] || exit 0
found=$(plan_digest "$scratch/$root.tfplan" "$scratch/$root.json")
[ "$found" = "$PLAN_SHA256" ] || die "the stored plan of $root is sha256 $found, approved was $PLAN_SHA256: plan again and approve that"
mv "$scratch/$root.tfplan" "$saved"
mv "$scratch/$root.json" "$record"
say "the plan of $root is the approved one"
