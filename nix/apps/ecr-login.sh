#!/usr/bin/env bash
# Signs the container tools in to the account's registry.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

usage() {
  cat <<EOF
usage: $stage [--env dev|staging|prod] [--dry-run]

Signs in to the account's registry (ECR_REGISTRY, <account>.dkr.ecr.<region>.amazonaws.com) for twelve hours. The token is
kept where docker, skopeo, cosign and helm look for it (REGISTRY_AUTH_FILE, ~/.docker/config.json).

  --env NAME  dev, staging or prod (ENV, dev)
  --dry-run   show the commands, run none
EOF
}

options "env=" "$@"
enter_checkout
settings
need aws skopeo
find_account
ecr_login
