# shellcheck shell=bash
# shellcheck disable=SC2329 # until_true calls functions by name
# What a Service's clients have, watched: its ready endpoints at every change.

# watch_endpoints NAME - from now on.
watch_endpoints() {
  : "${work:?}" "${namespace:?}"
  kubectl --namespace "$namespace" get endpointslices --selector kubernetes.io/service-name=backend --watch --output-watch-events \
    --output go-template='{{.type}} {{.object.metadata.name}}{{range .object.endpoints}}{{if .conditions.ready}} {{index .addresses 0}}{{end}}{{end}}{{"\n"}}' \
    >"$work/$1.endpoints" &
  pids+=($!)
  seen() { [ -s "$work/$1.endpoints" ]; }
  until_true 30 "the first look at the endpoints" seen "$1"
}

# never_below LEAST NAME WHAT - fails if ever fewer addresses were ready since, and says the fewest.
never_below() {
  local fewest
  fewest=$(awk '
    { for (address in ready) if (ready[address] == $2) delete ready[address]
      if ($1 != "DELETED") for (i = 3; i <= NF; i++) ready[$i] = $2
      count = 0; for (address in ready) count++
      if (fewest == "" || count < fewest) fewest = count }
    END { print fewest + 0 }' "$work/$2.endpoints")
  say "$3: never fewer than $fewest ready endpoints"
  [ "$fewest" -ge "$1" ] || fail "$3: only $fewest of $1 endpoints were ready at one moment"
}
