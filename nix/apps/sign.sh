#!/usr/bin/env bash
# Signs the release's image or chart, keyless, by digest: `sign.sh image` and `sign.sh chart`.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
what=${1:-}
stage=sign-$what
named_by 'image|chart' "$what"

usage() {
  cat <<EOF
usage: $stage --digest DIGEST [--env dev|staging|prod] [--dry-run]

Signs the $what of that digest in the account's registry with the identity of the workflow that runs this. Nothing is signed
twice. Needs GitHub's OIDC token, so it runs in the workflow 'release' only.

  --digest DIGEST  sha256:..., as push-$what prints it
  --env NAME       dev, staging or prod (ENV, dev)
  --dry-run        show the commands, run none
EOF
}

options "env= digest=" "${@:2}"
case $what in
  image) ;;
  chart) image_name=charts/backend ;;
  *) misuse "unknown thing to sign '$what': image or chart" ;;
esac
[[ ${digest:-} =~ ^sha256:[0-9a-f]{64}$ ]] || misuse "--digest is '${digest:-}': sha256: and 64 hexadecimal digits"
enter_checkout
settings
need cosign aws skopeo
find_account
ecr_login
reference=$registry/$image_name@$digest
if [ -z "$dry_run" ] && verify_signature "$reference" "v$(service_version)" >/dev/null 2>&1; then
  say "$reference is signed already"
else
  run cosign sign --yes "$reference"
fi
