# shellcheck shell=bash
# Steps, what each must end with, and the table of them. Sourced by run, which defines stand_ins() and explain().

rows=

# step NAME STATUS TEXT COMMAND... - a command that must end with that status and say that text. Each step needs those before it, so
# the first failure is the end.
step() {
  local name=$1 expected=$2 text=$3 began=$SECONDS status=0 outcome="as expected"
  shift 3
  printf '\n=== %s\n' "$name"
  "$@" >"$REHEARSAL/log" 2>&1 </dev/null || status=$?
  [ "$status" = "$expected" ] || outcome="FAILED: status $status, not $expected"
  grep -qF -- "$text" "$REHEARSAL/log" || outcome="FAILED: does not say '$text'"
  rows+=$(printf '%-62s %5s s  %s' "$name" "$((SECONDS - began))" "$outcome")$'\n'
  if [ "$outcome" != "as expected" ]; then
    explain
    table
    exit 1
  fi
  grep -E '^[a-z-]+: |^(Plan|Apply|Destroy)' "$REHEARSAL/log" || true
}

table() {
  printf '\n%s\n' "$rows"
  stand_ins
}

# What a step may be besides a plain command; its output is the log.

# without PATTERN COMMAND... - which must not say that, and ends as it does.
without() {
  local status=0
  "${@:2}" || status=$?
  ! grep -qE -- "$1" "$REHEARSAL/log" || return 1
  return "$status"
}

# reached PID PATTERN - waits until the log says it, or that process is gone.
reached() { until grep -qE -- "$2" "$REHEARSAL/log" || ! kill -0 "$1" 2>/dev/null; do sleep 0.1; done; }

# cut_off SIGNAL PATTERN COMMAND... - with a signal to its whole process group, as a terminal sends it, once the log says PATTERN.
cut_off() {
  local pid
  # Bash lets what it runs in the background ignore Ctrl-C.
  setsid env --default-signal=INT,QUIT "${@:3}" &
  pid=$!
  reached "$pid" "$2"
  # A stage gives Terraform a process group of its own; killed outright means all of the session.
  if [ "$1" = KILL ]; then pkill -KILL -s "$pid"; else kill -"$1" -- "-$pid"; fi
  wait "$pid"
}
