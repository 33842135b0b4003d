#!/usr/bin/env bash
# Looks whether an image is in the registry.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

usage() {
  cat <<EOF
usage: $stage [--env dev|staging|prod] [--tag TAG] [--dry-run]

Prints the tag and the digest under which the account's registry holds an image; no digest where it holds none.

  --env NAME  dev, staging or prod (ENV, dev)
  --tag TAG   the tag (the revision of HEAD)
  --dry-run   show the commands, run none
EOF
}

options "env= tag=" "$@"
enter_checkout
settings
need aws jq git
find_account
tag=${tag:-$(revision)}
digest=$(registry_digest "$tag")
report tag "$tag"
report digest "$digest"
