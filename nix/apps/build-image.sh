#!/usr/bin/env bash
# Builds the service's image for this machine's architecture.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
stage=build-image
# shellcheck source=nix/apps/lib.sh
. "$here/lib.sh"

usage() {
  cat <<EOF
usage: $stage [--all] [--load] [--rebuild] [--dry-run]

Builds the image of the service and prints its path: an archive for 'docker load' and 'podman load'.

  --all       the index of the images of all architectures, as push-image pushes it: prints its folder and its digest
  --load      load it into Docker as backend-cloud-app:<version>
  --rebuild   build once more and fail unless every bit is the same
  --dry-run   show the commands, run none
EOF
}

options "all load rebuild" "$@"
enter_checkout
need nix jq
if [ -n "${all:-}" ]; then output=oci-index; else output=image; fi
path=$(build "$output")
[ -z "${rebuild:-}" ] || build "$output" --rebuild >&2
if [ -n "${load:-}" ]; then
  [ "$output" = image ] || misuse "--load loads one image, not those of --all"
  need docker
  run docker load --input "$path" >&2
fi
report path "$path"
[ "$output" = image ] || report digest "$(index_digest "$path")"
