# shellcheck shell=bash
# shellcheck disable=SC2329 # until_true calls functions by name
# What takes nodes that run containers.

wait_ready() {
  : "${work:?}" "${namespace:?}"
  say "wait for readiness"
  k rollout status deployment/dynamodb-local --timeout 180s
  k rollout status deployment/backend --timeout 180s
}

table_comes_back() {
  say "delete the store's pod: the table is there again without hands"
  k delete pod --selector app.kubernetes.io/name=dynamodb-local --wait=true >/dev/null
  k rollout status deployment/dynamodb-local --timeout 180s
  h test backend >/dev/null || fail "the backend does not find its table after the store's pod was replaced"
}

# client - asks without a pause over kept connections, a hundred greetings on each, while the deployment rolls.
client() {
  while [ -e "$work/rolling" ]; do
    curl --fail --silent --show-error --max-time 15 --request PUT --header 'Content-Type: application/json' \
      --data '{"dateOfBirth":"1990-12-10"}' "$url/hello/load" || return 1
    curl --fail --fail-early --silent --show-error --max-time 15 --output /dev/null "$url/hello/load?[1-100]" || return 1
  done
}

roll_under_load() {
  local url port clients=()
  say "roll the deployment under load"
  h upgrade backend helm/backend --values helm/backend/values.local.yaml --set replicaCount=2 >/dev/null
  k rollout status deployment/backend --timeout 180s
  port=$(free_port)
  start proxy kubectl proxy --port "$port"
  url=http://127.0.0.1:$port/api/v1/namespaces/$namespace/services/backend:http/proxy
  until_true 30 "an answer from $url" curl --fail --silent "$url/health"
  touch "$work/rolling"
  for _ in {1..8}; do
    client 2>>"$work/load" &
    clients+=($!)
  done
  sleep 5
  k rollout restart deployment/backend
  k rollout status deployment/backend --timeout 300s
  # The old pods are off every list, but still drain.
  one_set() { [ "$(k get pods --selector app.kubernetes.io/component=server --output name | wc -l)" -eq 2 ]; }
  until_true 120 "the end of the old pods" one_set
  rm "$work/rolling"
  for client in "${clients[@]}"; do
    wait "$client" || fail "requests failed during the rollout: $(cat "$work/load")"
  done
}
