#!/usr/bin/env bash
# Builds the image and loads it into minikube.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
stage=build-local
# shellcheck source=nix/apps/lib.sh
. "$here/lib.sh"

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
tag=$(local_tag "$archive")
if [ -z "$dry_run" ] && minikube image ls | grep -q "/$image_name:$tag\$"; then
  say "$image_name:$tag is already in minikube"
else
  run minikube image load "$archive"
  run minikube image tag "$image_name:$(service_version)" "$image_name:$tag"
fi
report tag "$tag"
