# shellcheck shell=bash
# Programs that a test starts and waits for. Sourced by tests/cluster/api_server.sh and tests/terraform/emulator.sh, whose callers set
# work (a folder) and pids (an array of what is to be ended) and define fail().

# start NAME PROGRAM ARGUMENT... - in the background, with its output in $work/NAME.log and its pid in the array pids.
start() {
  : "${work:?}"
  local name=$1
  shift
  command -v "$1" >/dev/null || fail "$1 is not there: put $name on the PATH, or its path into $(tr a-z- A-Z_ <<<"$name")"
  "$@" >"$work/$name.log" 2>&1 &
  pids+=($!)
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# until_true SECONDS WHAT COMMAND...
until_true() {
  local seconds=$1 what=$2
  shift 2
  for _ in $(seq "$seconds"); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 1
  done
  fail "$what did not happen within $seconds s"
}
