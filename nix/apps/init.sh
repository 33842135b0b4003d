#!/usr/bin/env bash
# Prepares a Terraform root: `init.sh aws` is the stage init-aws.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=nix/apps/lib/terraform.sh
. "$here/lib/terraform.sh"
root=${1:-}
stage=init-$root
named_by 'bootstrap|aws|kubernetes|dns' "$root"

usage() {
  cat <<EOF
usage: $stage$(root_usage) [--dry-run]

Prepares terraform/$root: its providers, its state in the account's bucket, its workspace.

  --env NAME  dev, staging or prod (ENV, dev); bootstrap has none
  --dry-run   show the commands, run none
EOF
}

options "$(root_options)" "${@:2}"
enter_root
make_scratch
initialise -reconfigure
select_workspace
[ -n "$dry_run" ] || say "$folder is ready: environment $env, account $account"
