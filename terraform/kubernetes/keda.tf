# Scales the backend with requests: asks CloudWatch what the collector sent, and drives an HPA with the answer.
resource "helm_release" "keda" {
  count = var.scaling.metric == "requests" ? 1 : 0

  name        = "keda"
  namespace   = kubernetes_namespace_v1.keda[0].metadata[0].name
  repository  = "https://kedacore.github.io/charts"
  chart       = "keda"
  version     = var.versions.charts.keda
  atomic      = true
  timeout     = local.release.timeout
  max_history = local.release.max_history

  values = [yamlencode({
    watchNamespace = var.environment

    # Its role reads metrics, and nothing else. The backend's TriggerAuthentication has it ask as itself.
    podIdentity = { aws = { irsa = { enabled = true, roleArn = local.aws.irsa_role_arns["keda"] } } }

    serviceAccount = { operator = { name = "keda-operator" } }

    resources = {
      for part in ["operator", "metricServer", "webhooks"] :
      part => { requests = { cpu = "20m", memory = "128Mi" }, limits = { memory = "256Mi" } }
    }
  })]

  lifecycle {
    # Back to CPU, the backend gives its ScaledObject up before KEDA goes: without KEDA nothing would take its finalizer off.
    create_before_destroy = true
  }
}

resource "kubernetes_namespace_v1" "keda" {
  count = var.scaling.metric == "requests" ? 1 : 0

  metadata {
    name   = "keda"
    labels = merge(local.restricted, { "app.kubernetes.io/part-of" = local.project })
  }

  lifecycle {
    create_before_destroy = true
  }
}
