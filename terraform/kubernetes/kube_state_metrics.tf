# Tells the collector how many replicas are wanted, available and restarting.
resource "helm_release" "kube_state_metrics" {
  name        = "kube-state-metrics"
  namespace   = kubernetes_namespace_v1.monitoring.metadata[0].name
  repository  = "https://prometheus-community.github.io/helm-charts"
  chart       = "kube-state-metrics"
  version     = var.versions.charts.kube-state-metrics
  atomic      = true
  timeout     = local.release.timeout
  max_history = local.release.max_history

  values = [yamlencode({
    fullnameOverride = "kube-state-metrics"

    # What the collector keeps, and no more; Secrets are not among them, so its role does not list them.
    collectors = ["deployments", "horizontalpodautoscalers", "nodes", "pods"]

    resources                = { requests = { cpu = "10m", memory = "64Mi" }, limits = { memory = "128Mi" } }
    containerSecurityContext = local.restricted_container
  })]
}
