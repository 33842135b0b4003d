#!/usr/bin/env bash
# Removes what deploy-backend-local deployed.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

usage() {
  cat <<EOF
usage: $stage [--dry-run]

Removes the service and DynamoDB Local from minikube. The namespace and the images stay.

  --dry-run   show the commands, run none
EOF
}

options "" "$@"
enter_checkout
need helm
run helm --kube-context minikube --namespace dev \
  uninstall backend dynamodb-local --ignore-not-found --wait --timeout 5m
