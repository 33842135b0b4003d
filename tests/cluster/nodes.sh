# shellcheck shell=bash
# Nodes for the API server of api_server.sh. A stand-in: kwok plays the kubelets, so pods become ready but no container runs.
# The scheduler is Kubernetes' own. KUBE_SCHEDULER and KWOK name the programs, where the PATH does not have them.

# start_nodes COUNT
start_nodes() {
  : "${work:?}"
  local here number
  here=$(dirname "${BASH_SOURCE[0]}")
  start kube-scheduler "${KUBE_SCHEDULER:-kube-scheduler}" --kubeconfig "$work/kubeconfig" --leader-elect=false --secure-port 0
  start kwok "${KWOK:-kwok}" --kubeconfig "$work/kubeconfig" --config "$here/kwok.yaml" --manage-all-nodes=true \
    --node-lease-duration-seconds 40
  for number in $(seq "$1"); do
    sed "s/NUMBER/$number/" "$here/node.yaml" | kubectl --kubeconfig "$work/kubeconfig" create --filename - >/dev/null
  done
}
