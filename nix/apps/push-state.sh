#!/usr/bin/env bash
# Puts a state that Terraform could not write where it belongs.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=nix/apps/lib/terraform.sh
. "$here/lib/terraform.sh"

usage() {
  cat <<EOF
usage: $stage --root aws|kubernetes|dns|bootstrap [--env dev|staging|prod] [--yes] [--until-pushed] [--dry-run]

When an apply cannot write the state to its bucket, Terraform leaves it as errored.tfstate in the root's folder. Shows its
serial and lineage and those in the bucket, asks, pushes it, and takes away the lock that the apply could not. Refused when it
is another environment's, or older than what the bucket has. Does nothing where there is none.

  --root ROOT     whose state it is
  --env NAME      dev, staging or prod (ENV, dev); bootstrap has none
  --yes           do not ask; dev and bootstrap only
  --until-pushed  in a workflow: do not ask, and try again until it is pushed (RETRY_INTERVAL, 30 s)
  --dry-run       show the commands, run none
EOF
}

of() { jq -r ".$1 // empty" "$2"; }

# A lock that is older than the state which could not be written was held when that was left, so by the same apply. A younger
# one is somebody else's.
release_lock() {
  local held=$scratch/lock key=env:/$env/$root.tfstate.tflock left
  [ "$root" != bootstrap ] || key=$root.tfstate.tflock
  describe NoSuchKey aws s3api get-object --bucket "$(state_bucket)" --key "$key" "$held" >/dev/null || return 1
  [ -s "$held" ] || return 0
  left=$(date -u -r "$errored" +%Y-%m-%dT%H:%M:%S)
  if [[ $(of Created "$held") > $left ]]; then
    say "$(of Who "$held") has the lock since $(of Created "$held"), after this state was left: let that end first"
    return 1
  fi
  run terraform -chdir="$folder" force-unlock -force "$(of ID "$held")" >&2
}

# Fails with a line that says why; ends with 3 when trying again would not help.
push() {
  local there=$scratch/state
  initialise -reconfigure && select_workspace && release_lock || return 1
  terraform -chdir="$folder" state pull >"$there" || return 1
  [ -s "$there" ] || echo '{}' >"$there"
  say "$errored has serial $(of serial "$errored") of lineage $(of lineage "$errored")"
  say "the bucket has serial $(of serial "$there") of lineage $(of lineage "$there")"
  [ -z "$(of lineage "$there")" ] || [ "$(of lineage "$there")" = "$(of lineage "$errored")" ] ||
    refuse "$errored is not of $root in $env: its lineage is another; name the environment whose apply left it"
  [ "$(of serial "$errored")" -gt "$(jq '.serial // -1' "$there")" ] ||
    refuse "the bucket has a newer state: somebody has applied since. Compare the two by hand, then remove $errored"
  [ -n "${until_pushed:-}" ] || confirm "$(sha256 "$errored")" "push $errored of $env to $(state_bucket)"
  run terraform -chdir="$folder" state push errored.tfstate >&2
}

refuse() {
  summarise "The state of \`$root\` in \`$env\` is **not** in the bucket: $*."
  say "$*"
  exit 3
}

options "env= root= yes until-pushed" "$@"
[ -n "${root:-}" ] || misuse "--root is missing: aws, kubernetes, dns or bootstrap"
# A workflow says whose account it is, so that not even this needs AWS to answer.
[ -z "${until_pushed:-}" ] || { env=${env:-${ENV:-dev}} && account=$(expected_account); }
enter_root
make_scratch
if [ ! -e "$errored" ] && [ -z "$dry_run" ]; then
  say "there is no $errored: nothing to push"
  exit
fi
if [ -n "$dry_run" ]; then
  initialise -reconfigure
  run terraform -chdir="$folder" state push errored.tfstate
  exit
fi
summarise "The apply of \`$root\` in \`$env\` could not write its state. Until a line below says that it is pushed, the state" \
  "exists on this run's machine alone, which is gone when the run ends: see docs/operations.md."
while :; do
  status=0
  (push) || status=$?
  case $status in
    0) break ;;
    3) exit 1 ;;
  esac
  [ -n "${until_pushed:-}" ] || die "the state is not pushed (above); $errored is still the only one: keep it, and run $(push_command) again"
  say "not pushed (above): again in ${RETRY_INTERVAL:-30} s"
  sleep "${RETRY_INTERVAL:-30}"
done
rm -f "$errored"
summarise "The state of \`$root\` in \`$env\` is pushed: plan and apply again."
say "pushed; go on with $(root_stage plan)"
