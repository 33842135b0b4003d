#!/usr/bin/env bash
# Runs the service on this machine with all that it is looked at with: a DynamoDB, Prometheus with the chart's own rules, and
# Grafana with its dashboard.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

usage() {
  cat <<EOF
usage: $stage [--load] [--fault] [--port PORT] [--prometheus-port PORT] [--grafana-port PORT] [--dynamodb-port PORT] [--dry-run]

Runs the service, a DynamoDB in memory, Prometheus and Grafana until Ctrl-C. Logs are in target/dev.

  --load                  send ten requests a second
  --fault                 stop the DynamoDB after half a minute, to see the alerts come
  --port PORT             the service's port: 8888
  --prometheus-port PORT  9090
  --grafana-port PORT     3000
  --dynamodb-port PORT    8000
  --dry-run               show the command, run none
EOF
}

choose_store() {
  if command -v dynamodb-local >/dev/null; then
    DEV_STORE="dynamodb-local -inMemory -port $dynamodb_port"
  elif command -v dynalite >/dev/null; then
    say "dynalite stands in for DynamoDB Local, which is not installed"
    DEV_STORE="dynalite --host 127.0.0.1 --port $dynamodb_port --createTableMs 0"
  else
    die "neither dynamodb-local nor dynalite is installed: install one, or run it as 'nix run .#$stage'"
  fi
}

choose_service() {
  if command -v backend-cloud-app >/dev/null; then
    DEV_SERVICE=backend-cloud-app
  else
    need cargo
    cargo build --release --quiet
    DEV_SERVICE=${CARGO_TARGET_DIR:-target}/release/backend-cloud-app
  fi
}

# The chart's rules, and Prometheus told to scrape as the operator would: under the same labels.
configure_prometheus() {
  chart prometheusrule.yaml | sed -n '/^spec:/,$ s/^  //p' >"$DEV_STATE/rules.yaml"
  cat >"$DEV_STATE/prometheus.yaml" <<EOF
global: { scrape_interval: 5s, evaluation_interval: 5s }
rule_files: [rules.yaml]
scrape_configs:
  - job_name: backend
    static_configs:
      - targets: ["127.0.0.1:$port"]
        labels: { namespace: dev, service: backend, container: backend, pod: backend-dev }
EOF
}

configure_grafana() {
  mkdir -p "$DEV_STATE/grafana/datasources" "$DEV_STATE/grafana/dashboards"
  chart dashboard.yaml | sed -n '/^  "backend.json":/,$ s/^    //p' >"$DEV_STATE/grafana/backend.json"
  cat >"$DEV_STATE/grafana/datasources/prometheus.yaml" <<EOF
apiVersion: 1
datasources: [{ name: Prometheus, type: prometheus, url: "http://127.0.0.1:$prometheus_port", isDefault: true }]
EOF
  cat >"$DEV_STATE/grafana/dashboards/backend.yaml" <<EOF
apiVersion: 1
providers: [{ name: backend, type: file, options: { path: $DEV_STATE/grafana } }]
EOF
  GRAFANA_HOME=$(cd "$(dirname "$grafana")/.." && pwd)/share/grafana
  export GRAFANA_HOME
}

chart() {
  # A Helm of go install takes the cluster for an old one.
  helm template backend helm/backend --namespace dev --kube-version 1.36.0 --show-only "templates/$1" --set aws.irsa.enabled=false \
    --set metrics.serviceMonitor.enabled=true,metrics.prometheusRule.enabled=true,metrics.grafanaDashboard.enabled=true
}

announce() {
  local second
  for second in {1..60}; do
    sleep 1
    # Not after a Ctrl-C.
    kill -0 "$$" 2>/dev/null || return 0
    answers "http://127.0.0.1:$port/ready" || continue
    answers "http://127.0.0.1:$prometheus_port/-/ready" || continue
    echo "service     http://127.0.0.1:$port/hello/ada"
    echo "metrics     http://127.0.0.1:$port/metrics"
    echo "prometheus  http://127.0.0.1:$prometheus_port/alerts"
    [ -z "$grafana" ] || echo "grafana     http://127.0.0.1:$grafana_port/"
    return
  done
  say "not ready after $second s: see $DEV_STATE/*.log"
}

answers() { curl --silent --fail --output /dev/null "$1"; }

load='' fault='' port='' prometheus_port='' grafana_port='' dynamodb_port=''
options "load fault port= prometheus-port= grafana-port= dynamodb-port=" "$@"
enter_checkout
need process-compose prometheus helm curl
: "${port:=8888}" "${prometheus_port:=9090}" "${grafana_port:=3000}" "${dynamodb_port:=8000}"
grafana=$(command -v grafana || true)

DEV_STATE=$PWD/target/dev
stack=(process-compose up --tui=false --use-uds --unix-socket "$DEV_STATE/socket" --log-file "$DEV_STATE/process-compose.log")
stack+=(--config "$here/dev/stack.yaml")
[ -z "$grafana" ] || stack+=(--config "$here/dev/grafana.yaml")
[ -z "$load" ] || stack+=(--config "$here/dev/load.yaml")
[ -z "$fault" ] || stack+=(--config "$here/dev/fault.yaml")
if [ -n "$dry_run" ]; then
  show "${stack[@]}"
  exit
fi

[ -n "$grafana" ] || say "without Grafana, which is not installed"
refuse_used_port "$port" port
refuse_used_port "$prometheus_port" prometheus-port
[ -z "$grafana" ] || refuse_used_port "$grafana_port" grafana-port
refuse_used_port "$dynamodb_port" dynamodb-port
choose_store
choose_service
rm -rf "$DEV_STATE"
mkdir -p "$DEV_STATE"
configure_prometheus
[ -z "$grafana" ] || configure_grafana
export DEV_STATE DEV_STORE DEV_SERVICE DEV_PROMETHEUS_PORT=$prometheus_port
export PORT=$port BIND_ADDRESS=127.0.0.1 DYNAMODB_ENDPOINT=http://127.0.0.1:$dynamodb_port GF_SERVER_HTTP_PORT=$grafana_port
export AWS_REGION=eu-west-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
unset AWS_PROFILE AWS_SESSION_TOKEN
announce &
supervise "${stack[@]}" >"$DEV_STATE/all.log" 2>&1
