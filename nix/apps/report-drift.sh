#!/usr/bin/env bash
# Opens an issue when an environment is no longer what the configuration says.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

usage() {
  cat <<EOF
usage: $stage [--env dev|staging|prod] [--dry-run]

Runs status and keeps one open issue for each environment that differs: opens it, comments on it, or closes it.

  --env NAME  dev, staging or prod (ENV, dev)
  GH_TOKEN    a token that may write issues
  --dry-run   show the commands, run none
EOF
}

options "env=" "$@"
enter_checkout
settings
need gh
title="Drift in $env"
status=0
found=$("$here/status.sh" --env "$env" --detailed-exitcode ${dry_run:+--dry-run}) || status=$?
printf '%s\n' "$found"
issue=$(ask "" gh issue list --state open --search "in:title \"$title\"" --json number,title \
  --jq ".[] | select(.title == \"$title\") | .number")
body=$(printf "status --env %s found:\n\n%s\n" "$env" "$(printf '%s\n' "$found" | sed 's/^/    /')")
case $status,${issue:-none} in
  0,none) say "no drift in $env" ;;
  0,*) run gh issue close "$issue" --comment "$env is as configured again." ;;
  2,none) run gh issue create --title "$title" --body "$body" ;;
  2,*) run gh issue comment "$issue" --body "$body" ;;
  *) die "status of $env failed (above): nothing is known about drift" ;;
esac
