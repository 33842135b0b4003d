# shellcheck shell=bash
# What a proof on a cluster says, keeps in a folder and starts; all of it ends with the proof. Sourced by tests/helm/cluster and
# tests/observability/cluster, which define leave STATUS: what is done before that.
work=$(mktemp -d)
pids=()

say() { printf '%s %s\n' "$(date +%H:%M:%S)" "$*"; }
fail() {
  say "FAIL: $*" >&2
  exit 1
}

clean_up() {
  leave $?
  # Nothing of theirs is kept, and an API server that loses its etcd would not stop by itself.
  [ ${#pids[@]} -eq 0 ] || kill -KILL "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT
