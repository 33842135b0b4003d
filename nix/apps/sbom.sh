#!/usr/bin/env bash
# Writes the list of what is linked into the service.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

usage() {
  cat <<EOF
usage: $stage --output FILE [--dry-run]

Writes a CycloneDX document of every crate that the Linux binary is built from, with versions, licences and checksums. It
comes from Cargo.lock: scanners cannot see the crates inside a static binary.

  --output FILE  where to write it
  --dry-run      show the commands, run none
EOF
}

options "output=" "$@"
[ -n "${output:-}" ] || misuse "--output is missing: the file to write"
case $output in /*) ;; *) output=$PWD/$output ;; esac
enter_checkout
need cargo jq
target=x86_64-unknown-linux-musl
metadata=(cargo metadata --locked --format-version 1 --filter-platform "$target")
tree=(cargo tree --locked --target "$target" --edges 'normal,build' --prefix none --format '{p}')
show "${metadata[@]}"
show "${tree[@]}"
[ -z "$dry_run" ] || exit 0
built=$("${tree[@]}" | awk '{ print $1 "@" substr($2, 2) }')
"${metadata[@]}" | jq --rawfile lock Cargo.lock --arg built "$built" -f "$here/sbom.jq" >"$output.part" || die "cannot read the crates (above)"
mv "$output.part" "$output"
report components "$(jq '.components | length' "$output")"
