# shellcheck shell=bash
# A real API server without nodes, from Kubernetes' own programs. Sourced by tests/helm/cluster and tests/rehearsal/run, which
# set work (a folder) and pids (an array of what is to be ended) and define fail().
#
# ETCD (3.5 or later), KUBE_APISERVER and KUBE_CONTROLLER_MANAGER name the programs, where the PATH does not have them under
# these names.

# shellcheck source=tests/processes.sh
. "$(dirname "${BASH_SOURCE[0]}")/../processes.sh"

# start_api_server [OPTION...] - with more options for kube-apiserver. Sets api_url and api_ca (a file), and writes
# $work/kubeconfig, by which one is its administrator.
start_api_server() {
  : "${work:?}"
  local client peer token=$RANDOM$RANDOM$RANDOM
  # Without its progress notes, kube-apiserver's caches lag behind until nodes look lost.
  case $("${ETCD:-etcd}" --version 2>/dev/null) in *' 3.'[0-4].*) fail "${ETCD:-etcd} is too old: 3.5 or later, in ETCD" ;; esac
  client=http://127.0.0.1:$(free_port) peer=http://127.0.0.1:$(free_port) api_url=https://127.0.0.1:$(free_port)
  api_ca=$work/apiserver.crt
  openssl genrsa -out "$work/sa.key" 2048 2>/dev/null
  echo "$token,admin,admin,system:masters" >"$work/tokens"
  start etcd "${ETCD:-etcd}" --data-dir "$work/etcd" --listen-client-urls "$client" --advertise-client-urls "$client" \
    --listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" --initial-cluster "default=$peer"
  start kube-apiserver "${KUBE_APISERVER:-kube-apiserver}" --etcd-servers "$client" --bind-address 127.0.0.1 \
    --secure-port "${api_url##*:}" --cert-dir "$work" --token-auth-file "$work/tokens" --authorization-mode RBAC \
    --service-cluster-ip-range 10.0.0.0/24 --service-account-issuer https://kubernetes.default.svc \
    --service-account-key-file "$work/sa.key" --service-account-signing-key-file "$work/sa.key" "$@"
  configure set-cluster test --server "$api_url" --certificate-authority "$api_ca"
  configure set-credentials admin --token "$token"
  configure set-context test --cluster test --user admin
  configure use-context test
  until_true 180 "the API server's readiness" kubectl --kubeconfig "$work/kubeconfig" get --raw /readyz
  start kube-controller-manager "${KUBE_CONTROLLER_MANAGER:-kube-controller-manager}" --kubeconfig "$work/kubeconfig" \
    --service-account-private-key-file "$work/sa.key" --use-service-account-credentials=false --leader-elect=false --secure-port 0
}

configure() { kubectl --kubeconfig "$work/kubeconfig" config "$@" >/dev/null; }
