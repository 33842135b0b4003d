# shellcheck shell=bash
# What a stage tells: progress and errors on stderr, results on stdout, and how the reader runs another stage.

here=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
# The stage's name. A script that serves several stages sets its own.
stage=${0##*/}
stage=${stage%.sh}

say() { printf '%s: %s\n' "$stage" "$*" >&2; }

die() {
  say "$*"
  exit 1
}

misuse() {
  say "$*: see $stage --help"
  exit 64
}

# stage_command STAGE [ARGUMENT...] - how the reader runs a stage: as this one was run. nix/stages.nix sets STAGES.
stage_command() {
  local name=$1
  shift
  if [ "${STAGES:-}" = nix ]; then
    printf 'nix run .#%s%s' "$name" "${*:+ -- $*}"
  elif [ -e "$here/$name.sh" ]; then
    printf 'nix/apps/%s.sh%s' "$name" "${*:+ $*}"
  else
    case $name in
      destroy-dev | destroy-staging | destroy-prod) name=destroy-all-${name#*-} ;;
    esac
    printf 'nix/apps/%s.sh %s%s' "${name%-*}" "${name##*-}" "${*:+ $*}"
  fi
}

# report NAME VALUE - a result; in a workflow also the step's output. A dry run has none.
report() {
  [ -z "${dry_run:-}" ] || return 0
  printf '%s=%s\n' "$1" "$2"
  [ -z "${GITHUB_OUTPUT:-}" ] || printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"
}

# summarise MARKDOWN... - lines for the page of a workflow's run.
summarise() {
  [ -z "${GITHUB_STEP_SUMMARY:-}" ] || [ -n "${dry_run:-}" ] || printf '%s\n' "$@" >>"$GITHUB_STEP_SUMMARY"
}

duration() { printf '%dm%02ds' $(($1 / 60)) $(($1 % 60)); }
