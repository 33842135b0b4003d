locals {
  restricted = { for mode in ["enforce", "audit", "warn"] : "pod-security.kubernetes.io/${mode}" => "restricted" }
}

resource "kubernetes_namespace_v1" "backend" {
  metadata {
    name = var.environment

    labels = merge(local.restricted, {
      "app.kubernetes.io/part-of" = local.project
      # A pod is ready once the load balancer sends it traffic, so that a roll never outpaces the load balancer.
      "elbv2.k8s.aws/pod-readiness-gate-inject" = "enabled"
    })
  }
}

resource "kubernetes_namespace_v1" "monitoring" {
  metadata {
    name   = "monitoring"
    labels = merge(local.restricted, { "app.kubernetes.io/part-of" = local.project })
  }
}
