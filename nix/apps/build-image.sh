#!/usr/bin/env bash
# Builds the image of this machine's architecture and loads it into Docker as backend-cloud-app:<version>.
set -euo pipefail

cd "$(git rev-parse --show-toplevel)"

echo "build-image: building" >&2
image=$(nix --extra-experimental-features 'nix-command flakes' build --no-link --print-out-paths --print-build-logs .#image)

docker load --input "$image"
