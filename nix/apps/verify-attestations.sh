#!/usr/bin/env bash
# Verifies the attestations of a release where they were made, as its users will.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

usage() {
  cat <<EOF
usage: $stage --image REFERENCE --chart REFERENCE [--dry-run]

Verifies that GitHub attests the image and the chart, by digest, for this repository's release workflow; and says so on the
run's page. Where GitHub makes no attestations, ATTESTATIONS=false, it says that instead.

  --image REFERENCE  registry/name@sha256:...
  --chart REFERENCE  the same of the chart
  GITHUB_REPOSITORY  owner/name, GH_TOKEN: as GitHub's runners set them
  --dry-run          show the commands, run none
EOF
}

options "image= chart=" "$@"
for each in "${image:-}" "${chart:-}"; do
  [[ $each =~ @sha256:[0-9a-f]{64}$ ]] || misuse "'$each' names no digest: --image and --chart take registry/name@sha256:..."
done
enter_checkout
repository=${GITHUB_REPOSITORY:-}
[ -n "$repository" ] || misuse "GITHUB_REPOSITORY is not set: owner/name"
if [ "${ATTESTATIONS:-true}" = false ]; then
  said="No attestations: GitHub makes none for private repositories without Enterprise Cloud. The signatures stand."
  say "$said"
  summarise "$said"
  exit
fi
need gh
for each in "$image" "$chart"; do
  run gh attestation verify "oci://$each" --repo "$repository" --signer-workflow "$repository/.github/workflows/release.yaml" ||
    die "$each has no attestation of this repository's release workflow (above)"
done
summarise "Attested and verified: \`$image\` and \`$chart\`."
