#!/usr/bin/env bash
# Resolves a release to its digest and checks that this repository's release workflow signed it.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

usage() {
  cat <<EOF
usage: $stage --version VERSION [--env dev|staging|prod] [--dry-run]

Prints the tag and the digest of a released image, after checking that the workflow 'release' of this repository signed
exactly that digest for exactly that version.

  --version VERSION  as 1.0.0
  --env NAME         dev, staging or prod (ENV, dev)
  --dry-run          show the commands, run none
EOF
}

options "env= version=" "$@"
[[ ${version:-} =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || misuse "--version is '${version:-}': a released version, as 1.0.0"
enter_checkout
settings
need cosign aws skopeo
find_account
digest=$(registry_digest "$version")
[ -z "$dry_run" ] || digest=DIGEST
[ -n "$digest" ] || die "$registry has no $image_name:$version: is the version released to this account?"
ecr_login
verify_signature "$registry/$image_name@$digest" "v$version" >/dev/null ||
  die "$registry/$image_name:$version ($digest) has no signature of the release workflow at v$version (above): do not deploy it"
report tag "$version"
report digest "$digest"
