# shellcheck shell=bash
# Nodes for the API server of api_server.sh. A stand-in: kwok plays the kubelets, so pods become ready but no container runs.
# The scheduler is Kubernetes' own. KUBE_SCHEDULER and KWOK name the programs, where the PATH does not have them.

# start_nodes COUNT
start_nodes() {
  : "${work:?}"
  local number
  start kube-scheduler "${KUBE_SCHEDULER:-kube-scheduler}" --kubeconfig "$work/kubeconfig" --leader-elect=false --secure-port 0
  start kwok "${KWOK:-kwok}" --kubeconfig "$work/kubeconfig" --config "$(dirname "${BASH_SOURCE[0]}")/kwok.yaml" --manage-all-nodes=true \
    --node-lease-duration-seconds 40
  for number in $(seq "$1"); do
    kubectl --kubeconfig "$work/kubeconfig" create --filename - <<<"{apiVersion: v1, kind: Node, metadata: {name: node-$number}}" >/dev/null
  done
}
