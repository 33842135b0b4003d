#!/usr/bin/env bash
# Builds the service's image for this machine's architecture.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

usage() {
  cat <<EOF
usage: $stage [--all [--digest DIGEST]] [--load] [--rebuild] [--dry-run]

Builds the image of the service and prints its path: an archive for 'docker load' and 'podman load'.

  --all       the index of the images of all architectures, as push-image pushes it: prints its folder and its digest
  --digest    fail unless the index has this digest, of another machine or of a registry
  --load      load it into Docker as backend-cloud-app:<version>
  --rebuild   build dependencies, program, layer and image once more, and fail unless every bit is the same
  --dry-run   show the commands, run none
EOF
}

# Nix's own --rebuild repeats only what it is given, so it is given all that is built between the sources and the image.
rebuild_chain() {
  local names name parts=()
  names=$(ask PART nix --extra-experimental-features "nix-command flakes" eval --raw ".#$output.chain" \
    --apply 'chain: toString (builtins.attrNames chain)')
  for name in $names; do parts+=(".#$output.chain.$name"); done
  build "$output" "${parts[@]}" >/dev/null
  build "$output" "${parts[@]}" --rebuild >&2
}

options "all digest= load rebuild" "$@"
enter_checkout
need nix jq
if [ -n "${all:-}" ]; then output=oci-index; else output=image; fi
[ -z "${digest:-}" ] || [ -n "${all:-}" ] || misuse "--digest is that of an index: it needs --all"
path=$(build "$output")
[ -z "${rebuild:-}" ] || rebuild_chain
if [ -n "${load:-}" ]; then
  [ "$output" = image ] || misuse "--load loads one image, not those of --all"
  need docker
  run docker load --input "$path" >&2
fi
report path "$path"
[ "$output" = oci-index ] || exit 0
built=$(index_digest "$path")
report digest "$built"
[ -n "$dry_run" ] || [ "${digest:-$built}" = "$built" ] || die "built $built, not $digest"
