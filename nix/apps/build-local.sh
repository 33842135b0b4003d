#!/usr/bin/env bash
# Builds the image and loads it into minikube.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

usage() {
  cat <<EOF
usage: $stage [--dry-run]

Builds the image for this machine's architecture, loads it into minikube and prints its tag there.

  --dry-run   show the commands, run none
EOF
}

options "" "$@"
enter_checkout
settings
need nix minikube
archive=$(build image)
# A tag that changes with what was built: the hash in the build's path.
tag=$(basename "$archive")
tag=${tag:0:12}
if [ -z "$dry_run" ] && minikube image ls | grep -q "/$image_name:$tag\$"; then
  say "$image_name:$tag is already in minikube"
else
  run minikube image load "$archive"
  run minikube image tag "$image_name:$(service_version)" "$image_name:$tag"
fi
report tag "$tag"
