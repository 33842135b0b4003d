#!/usr/bin/env bash
# Keeps one comment on a pull request: what preview wrote, or that it is of an older push.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

usage() {
  cat <<EOF
usage: $stage --pull-request NUMBER (--file FILE | --stale) [--dry-run]

Writes the file as the comment of this workflow on a pull request, in place of the one before. --stale marks that one as older than
the pull request, and does nothing where there is none.

  --pull-request N   its number
  --file FILE        what preview wrote
  --stale            a newer commit was pushed
  GITHUB_REPOSITORY  owner/name, GH_TOKEN: a token that may write pull requests; as GitHub's runners set them
  --dry-run          show the commands, run none
EOF
}

mark='<!-- backend-cloud-app preview -->'
outdated='> **Outdated**: commits were pushed since; this is not what they change.'

# Nobody else's comment is edited, whatever it says.
find_comment() {
  gh api --paginate "repos/$repository/issues/$pull_request/comments" \
    --jq ".[] | select(.user.login == \"github-actions[bot]\" and (.body | startswith(\"$mark\"))) | .id" | head -n 1
}

options "pull-request= file= stale" "$@"
pull_request=${pull_request:-}
[[ $pull_request =~ ^[0-9]+$ ]] || misuse "--pull-request is '$pull_request': a number"
[ -n "${file:-}${stale:-}" ] || misuse "--file or --stale is missing"
case ${file:-/} in /*) ;; *) file=$PWD/$file ;; esac
enter_checkout
settings
need gh
repository=${GITHUB_REPOSITORY:-}
[ -n "$repository" ] || misuse "GITHUB_REPOSITORY is not set: owner/name"
if [ -n "$dry_run" ]; then
  show gh api "repos/$repository/issues/$pull_request/comments"
  exit
fi
comment=$(find_comment)
make_scratch
if [ -n "${stale:-}" ]; then
  [ -n "$comment" ] || exit 0
  gh api "repos/$repository/issues/comments/$comment" --jq .body >"$scratch/before"
  ! grep -qF "$outdated" "$scratch/before" || exit 0
  { printf '%s\n%s\n\n' "$mark" "$outdated" && tail -n +2 "$scratch/before"; } >"$scratch/body"
else
  # GitHub takes 65,536 characters.
  { printf '%s\n' "$mark" && head -c 64000 "$file"; } >"$scratch/body"
fi
if [ -n "$comment" ]; then
  run gh api --method PATCH "repos/$repository/issues/comments/$comment" --field "body=@$scratch/body" --silent
else
  run gh api --method POST "repos/$repository/issues/$pull_request/comments" --field "body=@$scratch/body" --silent
fi
