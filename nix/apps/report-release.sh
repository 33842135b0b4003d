#!/usr/bin/env bash
# Tells what of a release is in the registry: after a failure, nobody has to guess.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

usage() {
  cat <<EOF
usage: $stage --version VERSION [--env dev|staging|prod] [--dry-run]

Says which of image and chart of a version the registry holds, and whether the image is signed. Tags never move, so running the
release again goes on from there.

  --version VERSION  as 1.0.0
  --env NAME         dev, staging or prod (ENV, dev)
  --dry-run          show the commands, run none
EOF
}

tell() {
  say "$*"
  summarise "- $*"
}

options "env= version=" "$@"
[ -n "${version:-}" ] || misuse "--version is missing: as 1.0.0"
enter_checkout
settings
need aws jq cosign skopeo
find_account
for image_name in "$image_name" charts/backend; do
  digest=$(registry_digest "$version")
  if [ -z "$digest" ]; then
    tell "$registry has no $image_name:$version: nothing of it was pushed"
    continue
  fi
  ecr_login
  if verify_signature "$registry/$image_name@$digest" "v$version" >/dev/null 2>&1; then signed="signed"; else signed="not signed"; fi
  tell "$registry holds $image_name:$version as $digest, $signed"
done
tell "run the failed jobs again: what is pushed is found, what is missing is made"
