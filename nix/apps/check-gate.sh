#!/usr/bin/env bash
# Tells whether somebody must approve what is applied to an environment.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

usage() {
  cat <<EOF
usage: $stage [--env dev|staging|prod] [--dry-run]

Prints open=true when a workflow may go on to an apply by itself: GitHub's environment of that name has required reviewers,
who approve each plan, or it is dev. Otherwise open=false: the run ends after the plan, and the workflow 'stage' applies it
with the run's id and the plan's digest.

  --env NAME         dev, staging or prod (ENV, dev)
  GITHUB_REPOSITORY  owner/name, GH_TOKEN: a token that may read the repository's actions; as GitHub's runners set them
  --dry-run          show the commands, run none
EOF
}

options "env=" "$@"
enter_checkout
settings
need gh
if [ "$env" = dev ]; then
  report open true
  exit
fi
reviewers=$(ask 0 gh api "repos/${GITHUB_REPOSITORY:?is not set: owner/name}/environments/$env" \
  --jq '[.protection_rules[]? | select(.type == "required_reviewers") | .reviewers[]] | length') ||
  die "cannot read the environment '$env' of $GITHUB_REPOSITORY (above): create it, with required reviewers where your plan has them"
if [ "$reviewers" -gt 0 ]; then
  report open true
else
  say "the environment '$env' has no required reviewers: this run ends after its plan"
  summarise "The environment \`$env\` has no required reviewers, so this run ends after its plan." \
    "Read the plan, then run the workflow **stage** with *apply*, the run's id and the plan's digest."
  report open false
fi
