#!/usr/bin/env bash
# Tells whether somebody must approve what is applied to an environment, and refuses one that any branch could use.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=nix/apps/lib/github.sh
. "$here/lib/github.sh"

usage() {
  cat <<EOF
usage: $stage [--env dev|staging|prod] [--dry-run]

Fails unless GitHub's environment of that name is there and only main may use it. Prints open=true when a workflow may go on to
an apply by itself: the environment has required reviewers, who approve each plan, or it is dev. Otherwise open=false: the run
ends after its plan, and the workflow 'stage' applies it with the run's id and the plan's digest.

  --env NAME         dev, staging or prod (ENV, dev)
  GITHUB_REPOSITORY  owner/name, GH_TOKEN: a token that may read the repository's actions; as GitHub's runners set them
  --dry-run          show the commands, run none
EOF
}

options "env=" "$@"
enter_checkout
settings
need gh jq
repository=${GITHUB_REPOSITORY:-}
[ -n "$repository" ] || misuse "GITHUB_REPOSITORY is not set: owner/name"
if [ -n "$dry_run" ]; then
  show gh api "repos/$repository/environments/$env"
  exit
fi
faults=$(environment_faults "$repository" "$env" main)
[ -z "$faults" ] || die "$faults"
approving=$(reviewers "$repository" "$env") || die "cannot read who approves for '$env' (above)"
if [ "$env" = dev ] || [ "$approving" -gt 0 ]; then
  report open true
else
  say "the environment '$env' has no required reviewers: this run ends after its plan"
  summarise "The environment \`$env\` has no required reviewers, so this run ends after its plan." \
    "Read the plan, then run the workflow **stage** with *apply*, the run's id and the plan's digest."
  report open false
fi
