#!/usr/bin/env bash
# Destroys what a Terraform root made: `destroy.sh aws` is the stage destroy-aws.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=nix/apps/lib/terraform.sh
. "$here/lib/terraform.sh"
root=${1:-}
stage=destroy-$root
named_by 'aws|kubernetes|dns' "$root"

usage() {
  cat <<EOF
usage: $stage [--env dev|staging|prod] [--yes] [--dry-run]

Plans the end of terraform/$root, shows it, asks, and applies it.

  --env NAME  dev, staging or prod (ENV, dev)
  --yes       do not ask; dev only
  --dry-run   show the commands, run none
EOF
}

destroying=
refuse_early() { refuse_errored_state; }
resume_hint() { [ -z "$destroying" ] || after_apply "run $(root_stage destroy) again"; }

[ "$root" != bootstrap ] || die "bootstrap holds the state of everything else: terraform/bootstrap/README.md says how to take it down"
options "env= yes" "${@:2}"
enter_root
make_scratch
initialise -reconfigure
select_workspace
if [ -z "$dry_run" ] && [ -z "$(terraform -chdir="$folder" state list)" ]; then
  say "nothing to destroy: the state of $root for $env is empty"
  exit
fi
supervise terraform -chdir="$folder" plan -destroy -input=false -lock-timeout=2m "${variables[@]}" -out="$scratch/plan" ||
  die "planning the end of $folder failed (above); nothing was changed"
if [ -z "$dry_run" ]; then
  confirm "$(sha256 "$scratch/plan")" "destroy all of $root in $env, account $account"
fi
destroying=true
supervise terraform -chdir="$folder" apply -input=false -lock-timeout=2m "$scratch/plan" ||
  die "terraform destroy of $folder failed (above): $(after_apply "run $(root_stage destroy) again")"
