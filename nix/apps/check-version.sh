#!/usr/bin/env bash
# Holds everything that carries the version to the one in Cargo.toml.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

usage() {
  cat <<EOF
usage: $stage [--tag TAG] [--dry-run]

Fails unless the chart's version and appVersion, and the git tag if one is given, are the version in Cargo.toml, and prints it.
A tagged commit must be on main. In a workflow, the repository in Cargo.toml must be the workflow's own.

  --tag TAG  the tag of a release, v<version>
  --dry-run  the same: it only reads
EOF
}

options "tag=" "$@"
enter_checkout
version=$(service_version)
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || die "Cargo.toml has the version '$version': it must be MAJOR.MINOR.PATCH"
for field in version appVersion; do
  found=$(sed -n "s/^$field: *\"\{0,1\}\([^\"]*\)\"\{0,1\}\$/\1/p" helm/backend/Chart.yaml)
  [ "$found" = "$version" ] || die "helm/backend/Chart.yaml has $field '$found', Cargo.toml has version '$version': make them the same"
done
if [ -n "${tag:-}" ] && [ "$tag" != "v$version" ]; then
  die "the tag is '$tag', Cargo.toml has version '$version': tag v$version, or change the version and commit"
fi
# Tag rules cannot ask for a branch, so this does: only what was reviewed onto main is released.
if [ -n "${tag:-}" ]; then
  main=$(git rev-parse --verify --quiet origin/main || git rev-parse --verify --quiet main) || die "there is no branch main to look for $tag on: fetch it"
  git merge-base --is-ancestor HEAD "$main" || die "$tag is not on main: merge its commit first, then tag that"
fi
# Signatures are verified against that repository: a release must not find out after pushing tags that never move.
expected=https://github.com/${GITHUB_REPOSITORY:-}
[ -z "${GITHUB_REPOSITORY:-}" ] || [ "$(repository_url)" = "$expected" ] ||
  die "Cargo.toml has repository '$(repository_url)', this workflow runs in $expected: change it in Cargo.toml and commit"
report version "$version"
