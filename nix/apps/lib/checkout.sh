# shellcheck shell=bash
# The checkout that a stage works in, and what it says: environment, region, versions, hashes.

# Stages work in the checkout that they are called from, not in the one that they are installed from.
enter_checkout() {
  local top
  top=$(git rev-parse --show-toplevel 2>/dev/null) || die "not in a git checkout: run it in a clone of backend-cloud-app"
  cd "$top" || exit
  if ! [ -d terraform ] || ! [ -f Cargo.toml ]; then die "$top is not a checkout of backend-cloud-app: change to one"; fi
}

# Sets env and region, from --env, ENV and the tfvars.
settings() {
  local configured
  env=${env:-${ENV:-dev}}
  case $env-${root:-} in
    dev-* | staging-* | prod-* | bootstrap-bootstrap) ;;
    *) misuse "unknown environment '$env' (--env or ENV): dev, staging or prod" ;;
  esac
  configured=$(tfvar region)
  region=${AWS_REGION:-${configured:-eu-west-1}}
  # Terraform's providers take the region from the tfvars, so everything else must as well.
  [ "$region" = "${configured:-$region}" ] ||
    die "AWS_REGION is '$region', terraform/env/$env.tfvars says '$configured': change one of them"
  # The AWS command line and Terraform's provider read one name or the other.
  export AWS_REGION=$region AWS_DEFAULT_REGION=$region AWS_PAGER=
}

# hcl FILE PATH - the value there, a list's a line each, or nothing.
hcl() { [ ! -f "$1" ] || awk -v wanted="$2" -f "$here/lib/hcl.awk" "$1"; }
tfvar() { hcl "terraform/env/${2:-$env}.tfvars" "$1"; }

# placeholders FILE... - the lines that still hold what a fork must replace, as FILE:LINE: TEXT. A comment may.
placeholders() {
  grep -HnE '^[^#]*(Z0+EXAMPLE|example\.(com|net|org)"|[":/]example[/@])|^ *github_repository_id *= *"0"' "$@" | sed 's/\([0-9]\):/\1: /' || true
}

refuse_placeholders() {
  local left
  left=$(placeholders "$@")
  [ -z "$left" ] || die "replace the placeholders, docs/deploy.md says by what:"$'\n'"$left"
}

# refuse_yes - --yes answers for dev alone. Said at once, not after everything that comes before the question.
refuse_yes() {
  case $env-${yes:-} in
    dev-* | bootstrap-* | *-) ;;
    *) die "--yes does not answer for $env: type the digest of each plan, or set PLAN_SHA256 for an apply" ;;
  esac
}

revision() { git rev-parse HEAD; }
is_clean() { [ -z "$(git status --porcelain)" ]; }
service_version() { sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1; }

# The repository that signatures must come from: Cargo.toml is the one place that names it.
repository_url() { sed -n 's/^repository = "\(.*\)"$/\1/p' Cargo.toml | head -n 1; }

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -d ' ' -f 1
}

# The hash of a file that need not exist.
sha256_or_none() { if [ -e "$1" ]; then sha256 "$1"; else echo none; fi; }

# Plans may hold secrets, so the folder is the owner's only, whichever stage makes it and whatever it was before.
make_plans_folder() {
  [ -z "$dry_run" ] || return 0
  mkdir -p .plans
  chmod 700 .plans
  mkdir -p ".plans/$env"
}

# build OUTPUT [OPTION...] - builds an output of the flake and prints its path.
build() {
  local command=(nix --extra-experimental-features "nix-command flakes" build --no-link --print-out-paths --print-build-logs
    ".#$1" "${@:2}")
  show "${command[@]}"
  if [ -n "$dry_run" ]; then echo "$1"; else "${command[@]}" || die "building $1 failed (above)"; fi
}

# The digest of the index that a layout holds: known before anything is pushed.
index_digest() { if [ -n "$dry_run" ]; then echo DIGEST; else jq -r '.manifests[0].digest' "$1/index.json"; fi; }
