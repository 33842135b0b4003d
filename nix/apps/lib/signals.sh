# shellcheck shell=bash
# Signals and temporary files: what a stage passes on, waits for and takes away.

child=
launching=
interrupted=
# Temporary files go here; it never outlives the stage.
scratch=

# How to go on, told when a signal ended the stage. A stage that has something to say defines its own.
resume_hint() { :; }

# supervise COMMAND... - runs a command that gets the signals that the stage gets, and the time to end by itself.
supervise() {
  show "$@"
  [ -z "$dry_run" ] || return 0
  launch "$@"
  await_child
}

launch() {
  local late
  # A signal that comes before the command's id is known is passed on when it is.
  launching=true
  # A process group of its own: a signal to the stage's group (Ctrl-C) would reach the command twice, once by on_signal, and
  # at a second interrupt Terraform drops everything at once.
  set -m
  (
    trap - INT TERM HUP
    exec "$@"
  ) </dev/null &
  child=$!
  set +m
  late=$launching launching=
  [ "$late" = true ] || on_signal "$late" "$interrupted"
}

await_child() {
  local status
  while :; do
    status=0
    wait "$child" || status=$?
    # A signal ends the wait, not the command.
    kill -0 "$child" 2>/dev/null || break
  done
  child=
  [ -z "$interrupted" ] || exit "$interrupted"
  return "$status"
}

on_signal() {
  interrupted=$2
  if [ -n "$launching" ]; then
    launching=$1
    return
  fi
  [ -n "$child" ] || exit "$2"
  say "$1: waiting for the running command to stop"
  kill -"$1" "$child" 2>/dev/null || true
}

on_exit() {
  local hint
  [ -z "$scratch" ] || rm -rf "$scratch"
  [ -n "$interrupted" ] || return 0
  hint=$(resume_hint)
  [ -z "$hint" ] || say "interrupted: $hint"
}

trap 'on_signal INT 130' INT
trap 'on_signal TERM 143' TERM
trap 'on_signal HUP 129' HUP
trap on_exit EXIT

# A folder on the same file system as the plans, so that a finished file gets there by one rename.
make_scratch() {
  local old
  scratch=$PWD/.plans/$env/.$stage.$$
  [ -z "$dry_run" ] || return 0
  make_plans_folder
  for old in ".plans/$env/."*-*.*[0-9]; do
    # What a killed stage could not take away itself.
    if [ -d "$old" ] && ! kill -0 "${old##*.}" 2>/dev/null; then rm -rf "$old"; fi
  done
  mkdir "$scratch"
}
