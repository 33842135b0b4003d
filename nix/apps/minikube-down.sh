#!/usr/bin/env bash
# Stops the local cluster.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

usage() {
  cat <<EOF
usage: $stage [--delete] [--dry-run]

Stops minikube; what is deployed there comes back with minikube-up.

  --delete    delete the cluster and all that is in it
  --dry-run   show the commands, run none
EOF
}

options "delete" "$@"
enter_checkout
need minikube
if [ -n "${delete:-}" ]; then run minikube delete; else run minikube stop; fi
