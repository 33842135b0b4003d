# shellcheck shell=bash
# Steps, what each must end with, and the table of them. Sourced by run, which defines stand_ins() and explain().
foreground=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/foreground.py

say() { printf '\n=== %s\n' "$*"; }

rows=
passed=0
# record NAME SECONDS OUTCOME - a row of the table. Each step needs those before it, so the first failure is the end.
record() {
  rows+=$(printf '%-62s %5s s  %s' "$1" "$2" "$3")$'\n'
  case $3 in FAILED*) table 1 && exit 1 ;; esac
  passed=$((passed + 1))
}

# table FAILED
table() {
  printf '\n%s\n' "$rows"
  stand_ins
  printf '\n%s passed, %s failed\n' "$passed" "$1"
}

# step NAME STATUS TEXT COMMAND... - a command that must end with that status and say that text.
step() {
  local name=$1 expected=$2 text=$3 began=$SECONDS status=0
  shift 3
  say "$name"
  "$@" >"$REHEARSAL/log" 2>&1 </dev/null || status=$?
  judge "$name" "$((SECONDS - began))" "$expected" "$status" "$text"
}

judge() {
  local outcome="as expected"
  [ "$4" = "$3" ] || outcome="FAILED: status $4, not $3"
  grep -qF -- "$5" "$REHEARSAL/log" || outcome="FAILED: does not say '$5'"
  case $outcome in
    FAILED*) explain ;;
    *) grep -E '^[a-z-]+: |^(Plan|Apply|Destroy)' "$REHEARSAL/log" || true ;;
  esac
  record "$1" "$2" "$outcome"
}

# cut_off NAME SIGNAL WHEN STATUS TEXT COMMAND... - the same, with a signal to the whole process group once the log says WHEN.
cut_off() {
  local name=$1 signal=$2 when=$3 expected=$4 text=$5 began=$SECONDS status=0 pid
  shift 5
  say "$name"
  # A process group of its own, as a terminal gives one to each command.
  setsid python3 "$foreground" "$@" >"$REHEARSAL/log" 2>&1 </dev/null &
  pid=$!
  until grep -qE -- "$when" "$REHEARSAL/log"; do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  # A stage gives Terraform a process group of its own; killed outright means all of the session.
  if [ "$signal" = KILL ]; then pkill -KILL -s "$pid" || true; else kill -"$signal" -- "-$pid" || true; fi
  wait "$pid" 2>/dev/null || status=$?
  judge "$name" "$((SECONDS - began))" "$expected" "$status" "$text"
}
