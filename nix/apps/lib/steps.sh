# shellcheck shell=bash
# The steps of a stage that is made of stages: from which one to begin, how long each took, how to go on.

times=
going_on=

# steps_from FIRST STEP... - the steps from that one on.
steps_from() {
  local first=$1 started='' each
  shift
  for each; do
    [ "$each" != "$first" ] || started=true
    [ -z "$started" ] || echo "$each"
  done
}

# step NAME FROM COMMAND... - runs one; going_on is the command that goes on with step FROM.
step() {
  local name=$1 began=$SECONDS
  going_on=$(onward "$2")
  shift 2
  say "$name"
  "$@" || die "stopped in $name after $(duration $((SECONDS - began))): mend what it says above, then: $going_on"
  times+=$(printf '  %-18s %s' "$name" "$(duration $((SECONDS - began)))")$'\n'
}

resume_hint() { [ -z "$going_on" ] || echo "to go on: $going_on"; }

# finish WHAT-STAYS - the end of it, with how long each step took. A dry run took none.
finish() {
  going_on=
  [ -z "$dry_run" ] || return 0
  say "done in $(duration $SECONDS)$1"
  printf '%s' "$times" >&2
}
