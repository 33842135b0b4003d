# shellcheck shell=bash
# A cluster for the rehearsal, real but for its node and for what EKS has in front of it. Sourced by run.

# shellcheck source=tests/cluster/api_server.sh
. tests/cluster/api_server.sh
# shellcheck source=tests/cluster/nodes.sh
. tests/cluster/nodes.sh

start_cluster() {
  authenticator=$(free_port)
  work=$REHEARSAL/cluster
  mkdir "$work"
  command -v kubectl >/dev/null || fail "kubectl is not there: put it on the PATH"
  # In the form of a kubeconfig: where kube-apiserver asks whose token it has been given.
  jq -n --arg url "http://127.0.0.1:$authenticator" '{ "current-context": "x", clusters: [{ name: "x", cluster: { server: $url } }],
    users: [{ name: "x" }], contexts: [{ name: "x", context: { cluster: "x", user: "x" } }] }' >"$work/authenticator.json"
  start_api_server --authentication-token-webhook-config-file "$work/authenticator.json" --authentication-token-webhook-version v1
  export API_KUBECONFIG=$work/kubeconfig API_URL=$api_url API_CA=$api_ca
  start_nodes 1
}

# become_administrator PYTHON - the cluster lets roles in that have an access entry, so the rehearsal is somebody with such a role.
become_administrator() {
  local credentials
  administrator=$(aws iam create-role --role-name rehearsal --assume-role-policy-document '{}' --query Role.Arn --output text)
  credentials=$(aws sts assume-role --role-arn "$administrator" --role-session-name rehearsal --query \
    'Credentials.[AccessKeyId, SecretAccessKey, SessionToken]' --output text)
  read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN <<<"$credentials"
  export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
  [ -z "$api_server" ] || start authenticator "$1" tests/rehearsal/authenticator.py "$authenticator" dev-eks-cluster
}
