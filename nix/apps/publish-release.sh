#!/usr/bin/env bash
# Publishes a release on GitHub: what changed, what to deploy, what is in it.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

usage() {
  cat <<EOF
usage: $stage --tag TAG --image-digest DIGEST --sbom FILE [--dry-run]

Publishes the release of a tag with the list of commits since the release before it. Publishing it again does nothing.

  --tag TAG              v<version>
  --image-digest DIGEST  what deploys are pinned to
  --sbom FILE            attached to the release
  GH_TOKEN               a token that may write releases
  --dry-run              show the commands, run none
EOF
}

options "tag= image-digest= sbom=" "$@"
[ -n "${tag:-}" ] || misuse "--tag is missing: v<version>"
[ -n "${image_digest:-}" ] || misuse "--image-digest is missing: what push-image printed"
[ -n "${sbom:-}" ] || misuse "--sbom is missing: the file that sbom wrote"
case $sbom in /*) ;; *) sbom=$PWD/$sbom ;; esac
enter_checkout
need gh git
git rev-parse --verify --quiet "refs/tags/$tag" >/dev/null || die "there is no tag $tag in this checkout: git fetch --tags"
if [ -z "$dry_run" ] && gh release view "$tag" >/dev/null 2>&1; then
  say "$tag is published already"
  exit
fi
before=$(git describe --tags --abbrev=0 --match 'v*' "$tag^" 2>/dev/null || true)
notes=$(
  printf 'Image: %s@%s\n\n' backend-cloud-app "$image_digest"
  git log --no-merges --reverse --format='- %s (%h)' "${before:+$before..}$tag"
)
run gh release create "$tag" --verify-tag --title "$tag" --notes "$notes" "$sbom"
