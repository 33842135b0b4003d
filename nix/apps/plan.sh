#!/usr/bin/env bash
# Plans a Terraform root and keeps the plan: `plan.sh aws` is the stage plan-aws.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=nix/apps/lib/terraform.sh
. "$here/lib/terraform.sh"
# shellcheck source=nix/apps/lib/record.sh
. "$here/lib/record.sh"
# shellcheck source=nix/apps/lib/plan.sh
. "$here/lib/plan.sh"
root=${1:-}
stage=plan-$root
named_by 'bootstrap|aws|kubernetes|dns' "$root"

usage() {
  cat <<EOF
usage: $stage$(root_usage) [OPTION...]

Plans terraform/$root and keeps the plan, with what it was made from, under .plans/ for apply-$root. A plan that destroys or
replaces a table, a cluster, a zone, a key, a bucket or a registry is kept only if that is named.

  --env NAME                dev, staging or prod (ENV, dev); bootstrap has none
  --allow-destroy ADDRESS   what may be lost, as aws_dynamodb_table.users; several with commas (ALLOW_DESTROY)
EOF
  case $root in
    aws) echo "  --no-deletion-protection  lift it from the table and the cluster: the first step of destroying" ;;
    kubernetes)
      echo "  --image-tag TAG           the image to deploy (IMAGE_TAG, the revision of HEAD)"
      echo "  --image-digest DIGEST     its digest (IMAGE_DIGEST, what the registry holds under the tag)"
      ;;
    dns) echo "  WAIT_TIMEOUT              seconds to wait for the load balancer of the backend's Ingress (600)" ;;
  esac
  echo "  --dry-run                 show the commands, run none"
}

refuse_early() { refuse_errored_state; }
resume_hint() { echo "nothing was changed; run $(root_stage plan) again"; }

awaits_load_balancer() {
  local found
  found=$(load_balancers "elbv2.k8s.aws/cluster=$(cluster_name)" "ingress.k8s.aws/stack=$env/backend") || return 1
  [ -n "$found" ] || echo "no load balancer for the Ingress $env/backend"
}

# What the plan is made from, and what it changes; sealed by a digest of all of it.
keep() {
  local digest
  change_set "$scratch/plan" >"$scratch/changes" || die "cannot read the plan of $folder (above)"
  refuse_loss "$scratch/changes"
  jq --argjson changes "$1" --slurpfile set "$scratch/changes" '{ changes: $changes, change_set: $set[0] } + .' \
    "$scratch/conditions" >"$scratch/unsealed"
  digest=$(plan_digest "$scratch/plan" "$scratch/unsealed")
  jq --arg sha256 "$digest" '{ sha256: $sha256 } + .' "$scratch/unsealed" >"$scratch/record"
  # The plan first: without its record it is no plan to apply.
  mv "$scratch/plan" "$saved"
  mv "$scratch/record" "$record"
  report sha256 "$digest"
  report changes "$1"
  report counts "$(counts "$record")"
}

own_options() {
  case $root in
    aws) echo no-deletion-protection ;;
    kubernetes) echo "image-tag= image-digest=" ;;
  esac
}

options "$(root_options) allow-destroy= $(own_options)" "${@:2}"
enter_root
plan_files
make_scratch
[ -z "${no_deletion_protection:-}" ] || variables+=(-var=deletion_protection=false)
# An older plan must not be mistaken for this one, however this one ends.
[ -n "$dry_run" ] || rm -f "$saved" "$record"
[ "$root" != kubernetes ] || choose_image
initialise -reconfigure
select_workspace
[ "$root" != dns ] || await "${WAIT_TIMEOUT:-600}" "waiting for the load balancer" awaits_load_balancer
[ -n "$dry_run" ] || conditions >"$scratch/conditions"
status=0
supervise terraform -chdir="$folder" plan -input=false -lock-timeout=2m -detailed-exitcode "${variables[@]}" \
  -out="$scratch/plan" || status=$?
[ -z "$dry_run" ] || exit 0
case $status in
  0) keep false ;;
  2) keep true ;;
  *) die "terraform plan of $folder failed (above); nothing was changed" ;;
esac
if [ "$(recorded tree)" = changed ]; then
  say "this plan can be read but not applied, the tree has uncommitted changes: commit them and run $(root_stage plan) again"
else
  say "kept as $saved; to apply it: $(root_stage apply)"
fi
