#!/usr/bin/env bash
# Removes what deploy-backend-local deployed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
stage=undeploy-backend-local
# shellcheck source=nix/apps/lib.sh
. "$here/lib.sh"

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
run helm --kube-context "$local_context" --namespace "$local_namespace" \
  uninstall backend dynamodb-local --ignore-not-found --wait --timeout 5m
