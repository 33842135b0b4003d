#!/usr/bin/env bash
# Asks everything that can be asked before anything is built or paid.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=nix/apps/lib/github.sh
. "$here/lib/github.sh"
# shellcheck source=nix/apps/lib/preflight_account.sh
. "$here/lib/preflight_account.sh"
# shellcheck source=nix/apps/lib/preflight_network.sh
. "$here/lib/preflight_network.sh"
# shellcheck source=nix/apps/lib/preflight_github.sh
. "$here/lib/preflight_github.sh"

usage() {
  cat <<EOF
usage: $stage [--env dev|staging|prod] [--dry-run]

Tells, one line a check, whether a deploy can work: placeholders, tools, credentials, who may enter the cluster and from where, what
bootstrap made, states that wait and locks that are held, quotas, the zone and its CAA records, and, where gh is signed in, the
repository on GitHub. Changes nothing. Exit status: 0 ready, 1 not.

  --env NAME  dev, staging or prod (ENV, dev)
  --dry-run   the same: it only reads
EOF
}

passed() { printf 'ok    %-12s %s\n' "$1" "$2"; }
skipped() { printf -- '-     %-12s %s\n' "$1" "$2"; }
# failed NAME WHAT-IS-WRONG REMEDY
failed() { printf 'FAIL  %-12s %s: %s\n' "$1" "$2" "$3"; }

check_checkout() {
  local left found
  left=$(placeholders Cargo.toml terraform/env/bootstrap.tfvars "$tfvars" | cut -d : -f 1,2 | tr '\n' ' ')
  if [ -z "$left" ]; then
    passed placeholders "none is left"
  else
    failed placeholders "still in ${left% }" "docs/deploy.md says by what to replace them"
  fi
  found=$(printf '%s\n' terraform/*/errored.tfstate | grep -v '\*' | tr '\n' ' ' || true)
  if [ -z "$found" ]; then
    passed state "none waits to be pushed"
  else
    failed state "${found% } is not in the bucket" "$(stage_command push-state --root aws --env "$env"), or of its root"
  fi
}

# What a deploy calls besides what this does. Nix brings all but itself.
check_tools() {
  local tool tools="nix" missing=
  [ "${STAGES:-}" = nix ] || tools="nix terraform kubectl helm skopeo"
  for tool in $tools; do command -v "$tool" >/dev/null || missing+=" $tool"; done
  if [ -z "$missing" ]; then
    passed tools "all there"
  else
    failed tools "missing:$missing" "install them; all but nix come with 'nix run .#deploy-$env'"
  fi
}

# Sets identity; nothing that asks AWS can go on without it.
check_credentials() {
  local expected
  expected=$(expected_account)
  if ! identity=$(aws sts get-caller-identity --query Arn --output text 2>&1); then
    failed credentials "none that work (${identity##*$'\n'})" "aws sso login, or set AWS_PROFILE"
    return 1
  fi
  account=$(cut -d : -f 5 <<<"$identity")
  case $identity in
    *:root) failed credentials "you are the root of $account" "make a role and sign in with it: docs/deploy.md, an empty account" ;;
    *:user/*) failed credentials "you are the user ${identity##*/}" "sign in with a role: a cluster admits roles only" ;;
    *)
      if [ "${expected:-$account}" = "$account" ]; then
        passed credentials "$identity"
      else
        failed credentials "of account $account" "AWS_ACCOUNT_ID says $expected: change one of them"
      fi
      ;;
  esac
}

# at_once CHECK... - all side by side, since each mostly waits for an answer; what they found in this order.
at_once() {
  local check each started=()
  for check; do
    ("check_$check") >"$scratch/$check" 2>"$scratch/$check.errors" &
    started+=("$!:$check")
  done
  for each in "${started[@]}"; do
    check=${each#*:}
    wait "${each%%:*}" || failed "$check" "could not be asked" "$(tail -n 1 "$scratch/$check.errors")" >>"$scratch/$check"
    cat "$scratch/$check"
  done
}

options "env=" "$@"
enter_checkout
settings
[ -z "$dry_run" ] || exit 0
need aws curl dig jq git
tfvars=terraform/env/$env.tfvars
[ -f "$tfvars" ] || die "$tfvars does not exist: it holds the settings of $env"
make_scratch
signed_in=
{
  check_checkout
  check_tools
  if check_credentials; then signed_in=true; fi
} >"$scratch/begin"
cat "$scratch/begin"
if [ -n "$signed_in" ]; then
  cluster=$(describe ResourceNotFoundException aws eks describe-cluster --name "$(cluster_name)" --query cluster.endpoint --output text)
  at_once entry bootstrap locks quotas zone caa endpoint github
fi
if grep -q ^FAIL "$scratch"/*; then die "not ready (above)"; fi
say "ready"
