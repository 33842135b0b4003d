#!/usr/bin/env bash
# Packages the service's chart and pushes it as an OCI artifact.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

usage() {
  cat <<EOF
usage: $stage [--env dev|staging|prod] [--dry-run]

Pushes helm/backend to the account's registry as charts/backend:<version> and prints its digest. A version is pushed once.

  --env NAME  dev, staging or prod (ENV, dev)
  --dry-run   show the commands, run none
EOF
}

options "env=" "$@"
enter_checkout
settings
need helm aws skopeo
find_account
version=$(service_version)
image_name=charts/backend
digest=$(registry_digest "$version")
if [ -n "$digest" ]; then
  say "$registry/charts/backend:$version is already there"
else
  make_scratch
  ecr_login
  run helm package helm/backend --destination "$scratch" >&2
  run helm push "$scratch/backend-$version.tgz" "oci://$registry/charts" --registry-config "$REGISTRY_AUTH_FILE" >&2
  digest=$(registry_digest "$version")
  [ -n "$digest" ] || [ -n "$dry_run" ] || die "$registry does not hold charts/backend:$version after the push: run $(stage_command "$stage" --env "$env") again"
fi
report repository "$registry/$image_name"
report digest "$digest"
