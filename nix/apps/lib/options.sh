# shellcheck shell=bash
# The command line, and dry runs: every command that changes something goes through run, every other through ask.

# Set by --dry-run or DRY_RUN.
dry_run=

# named_by WORDS WORD... - ends a script whose first words are to name the stage, when it was called without them.
named_by() {
  local words=$1 word
  shift
  for word; do
    case $word in
      --help)
        echo "usage: ${0##*/} $words [OPTION...]; with --help as the option, it lists them"
        exit 0
        ;;
      "" | -*)
        stage=${0##*/}
        misuse "called without $words"
        ;;
    esac
  done
}

# options "NAME NAME= ..." ARGUMENT... - reads the command line into variables: `--image-tag x` sets image_tag. A name that
# ends in = takes a value. --help and --dry-run are always known.
options() {
  local known=" help dry-run $1 " name help=
  shift
  dry_run=${DRY_RUN:-}
  while [ $# -gt 0 ]; do
    case $1 in
      --?*=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;;
      --?*) ;;
      *) misuse "unexpected argument '$1'" ;;
    esac
    name=${1#--}
    case $known in
      *" $name= "*)
        [ $# -ge 2 ] || misuse "--$name needs a value"
        printf -v "${name//-/_}" %s "$2"
        shift 2
        ;;
      *" $name "*)
        printf -v "${name//-/_}" %s true
        shift
        ;;
      *) misuse "unknown option '--$name'" ;;
    esac
  done
  if [ -n "$help" ]; then
    usage
    exit 0
  fi
}

# need PROGRAM... - names all that are missing; without nix, nothing else would help.
need() {
  local tool missing='' are=is them=it
  [ -z "$dry_run" ] || return 0
  for tool in "$@"; do
    ! command -v "$tool" >/dev/null || continue
    [ "$tool" != nix ] || die "nix is not installed: install it, nix/README.md says which version"
    [ -z "$missing" ] || { are=are them=them; }
    missing=${missing:+$missing, }$tool
  done
  [ -n "$missing" ] || return 0
  [ "${STAGES:-}" != nix ] || die "$missing $are not among the tools of $stage: add $them in nix/apps.nix"
  die "$missing $are not installed: install $them, or run this stage as 'nix run .#$stage', which brings $them"
}

# refuse_used_port PORT OPTION - somebody else's server would answer in our place.
refuse_used_port() {
  ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null || die "port $1 is in use: --$2 chooses another"
}

show() {
  printf '+' >&2
  printf ' %q' "$@" >&2
  printf '\n' >&2
}

# run COMMAND... - shows a command that changes something, and runs it unless this is a dry run.
run() {
  show "$@"
  [ -n "$dry_run" ] || "$@"
}

# ask PLACEHOLDER COMMAND... - the answer of a command that only reads. A dry run shows the command and takes the placeholder.
ask() {
  local placeholder=$1
  shift
  if [ -n "$dry_run" ]; then
    show "$@"
    printf '%s\n' "$placeholder"
  else
    "$@"
  fi
}

# await SECONDS WHAT COMMAND... - repeats a command until it prints nothing, telling each time what it printed: what there is
# still to wait for.
await() {
  local limit=$1 what=$2 began=$SECONDS left
  shift 2
  while :; do
    left=$("$@") || die "$what: cannot tell how far it is (above)"
    [ -n "$left" ] && [ -z "$dry_run" ] || return 0
    [ $((SECONDS - began)) -lt "$limit" ] || die "$what: still $left after $limit s"
    say "$what: $left ($((SECONDS - began)) of at most $limit s)"
    sleep "${POLL_INTERVAL:-10}"
  done
}
