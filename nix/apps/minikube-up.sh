#!/usr/bin/env bash
# Starts the local cluster.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

usage() {
  cat <<EOF
usage: $stage [--dry-run]

Starts minikube with the metrics-server add-on and the namespace of local deploys. Runs again safely.

  MINIKUBE_CPUS, MINIKUBE_MEMORY, MINIKUBE_DRIVER   4, 6g, docker
  --dry-run   show the commands, run none
EOF
}

options "" "$@"
enter_checkout
need minikube kubectl
run minikube start --cpus="${MINIKUBE_CPUS:-4}" --memory="${MINIKUBE_MEMORY:-6g}" --driver="${MINIKUBE_DRIVER:-docker}"
run minikube addons enable metrics-server
if [ -n "$dry_run" ] || ! kubectl --context minikube get namespace dev >/dev/null 2>&1; then
  run kubectl --context minikube create namespace dev
fi
[ -n "$dry_run" ] || say "ready; next: $(stage_command deploy-backend-local)"
