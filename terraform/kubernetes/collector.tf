# Scrapes every backend pod and kube-state-metrics, and sends what is worth its price to CloudWatch.
locals {
  kube_state_metrics = "kube-state-metrics.${kubernetes_namespace_v1.monitoring.metadata[0].name}.svc:8080"
}

resource "helm_release" "collector" {
  name        = "opentelemetry-collector"
  namespace   = kubernetes_namespace_v1.monitoring.metadata[0].name
  repository  = "https://open-telemetry.github.io/opentelemetry-helm-charts"
  chart       = "opentelemetry-collector"
  version     = var.versions.charts.opentelemetry-collector
  atomic      = true
  timeout     = local.release.timeout
  max_history = local.release.max_history

  values = [yamlencode({
    # One collector: two would count every request twice, also for the minute of an upgrade.
    mode             = "deployment"
    replicaCount     = 1
    rollout          = { strategy = "Recreate" }
    fullnameOverride = "opentelemetry-collector"

    image   = { repository = "otel/opentelemetry-collector-contrib" }
    command = { name = "otelcol-contrib" }

    serviceAccount = {
      name        = "opentelemetry-collector"
      annotations = { "eks.amazonaws.com/role-arn" = local.aws.irsa_role_arns["collector"] }
    }

    # It finds pods; it reads nothing else of the cluster.
    clusterRole = {
      create = true
      rules  = [{ apiGroups = [""], resources = ["pods"], verbs = ["get", "list", "watch"] }]
    }

    alternateConfig = local.collector_config

    # It receives nothing, so it listens for its own health only, and a Service without ports would be refused.
    service = { enabled = false }
    ports   = { for name in ["otlp", "otlp-http", "jaeger-compact", "jaeger-thrift", "jaeger-grpc", "zipkin"] : name => { enabled = false } }

    resources          = { requests = { cpu = "50m", memory = "128Mi" }, limits = { memory = "256Mi" } }
    podSecurityContext = local.restricted_pod
    securityContext    = local.restricted_container
  })]
}
