#!/usr/bin/env bash
# Applies the plan that was kept: `apply.sh aws` is the stage apply-aws.
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
stage=apply-$root
named_by 'bootstrap|aws|kubernetes|dns' "$root"

usage() {
  cat <<EOF
usage: $stage$(root_usage) [OPTION...]

Applies what plan-$root kept, while the commit, the tree, the account, the lock file, the tfvars and the image are still those
of the plan.$([ "$root" != aws ] || echo " Then points the kubeconfig at the cluster.")

  --env NAME           dev, staging or prod (ENV, dev); bootstrap has none
  --yes                do not ask; dev and bootstrap only
  PLAN_SHA256          the digest of the plan to apply: answers for staging and prod too
EOF
  [ "$root" != kubernetes ] ||
    echo "  --image-digest D     the digest that the plan must have (IMAGE_DIGEST, what the registry holds under its tag)"
  echo "  --dry-run            show the commands, run none"
}

# What was typed is held to the plan before anybody is asked for anything.
refuse_early() {
  plan_files
  refuse_errored_state
  [ -z "$dry_run" ] || return 0
  if ! [ -f "$saved" ] || ! [ -f "$record" ]; then die "there is no plan of $root for $env: run $(root_stage plan)"; fi
  [ -z "${PLAN_SHA256:-}" ] || refuse_other_plan "$(recorded sha256)"
}

applying=
resume_hint() { [ -z "$applying" ] || after_apply "run $(root_stage plan), then $(root_stage apply)"; }

terraform_apply() {
  applying=true
  supervise terraform -chdir="$folder" apply -input=false -lock-timeout=2m "$PWD/$saved" ||
    die "terraform apply of $folder failed (above): $(after_apply "run $(root_stage plan) again")"
  applying=
}

apply_kept() {
  if [ "$root" = kubernetes ]; then
    image_tag=$(recorded image_tag)
    image_digest=${image_digest:-${IMAGE_DIGEST:-$(registered_digest "$image_tag")}}
  fi
  check_plan || exit 1
  # A plan without changes asks nothing, but what was approved must be that plan.
  if [ "$(recorded changes)" = true ] || [ -n "${PLAN_SHA256:-}" ]; then
    confirm "$(recorded sha256)" "apply the plan of $root to $env in account $account"
  fi
  initialise -reconfigure
  select_workspace
  if [ "$(recorded changes)" = true ]; then terraform_apply; else say "the plan has no changes"; fi
  # A plan is applied once.
  rm -f "$saved" "$record"
}

move_state_into_bucket() {
  local state=$folder/terraform.tfstate
  [ -e "$folder/backend_override.tf" ] || [ -n "$dry_run" ] || return 0
  say "moving the state from $state to s3://$(state_bucket)/bootstrap.tfstate"
  initialise -migrate-state -force-copy
  [ -n "$dry_run" ] || rm -f "$state" "$state.backup"
}

refresh_kubeconfig() {
  local cluster
  cluster=$(ask "$(cluster_name)" terraform -chdir="$folder" output -raw cluster_name)
  run aws eks update-kubeconfig --region "$region" --name "$cluster" --alias "$cluster" >&2
}

options "$(root_options) yes $([ "$root" != kubernetes ] || echo image-digest=)" "${@:2}"
enter_root
make_scratch
if [ -n "$dry_run" ]; then
  initialise -reconfigure
  select_workspace
  terraform_apply
else
  apply_kept
fi
case $root in
  bootstrap) move_state_into_bucket ;;
  aws) refresh_kubeconfig ;;
  dns) report url "$(ask URL terraform -chdir="$folder" output -raw url)" ;;
esac
