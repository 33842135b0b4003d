# shellcheck shell=bash
# A cluster for the rehearsal, real but for its node and for what EKS has in front of it. Sourced by run.

# shellcheck source=tests/cluster/api_server.sh
. tests/cluster/api_server.sh
# shellcheck source=tests/cluster/nodes.sh
. tests/cluster/nodes.sh

# start_cluster EMULATOR - which is asked whose token the API server has been given.
start_cluster() {
  local program
  for program in kubectl helm; do command -v "$program" >/dev/null || fail "$program is not there: put it on the PATH"; done
  # In the form of a kubeconfig.
  jq -n --arg url "$1/authenticate" '{ "current-context": "x", clusters: [{ name: "x", cluster: { server: $url } }],
    users: [{ name: "x" }], contexts: [{ name: "x", context: { cluster: "x", user: "x" } }] }' >"$work/authenticator.json"
  start_api_server --authentication-token-webhook-config-file "$work/authenticator.json" --authentication-token-webhook-version v1
  export API_KUBECONFIG=$work/kubeconfig API_URL=$api_url API_CA=$api_ca
  start_nodes 1
}
