# Adds a node when pods have no place, and removes one that is hardly used.
resource "helm_release" "cluster_autoscaler" {
  name        = "cluster-autoscaler"
  namespace   = "kube-system"
  repository  = "https://kubernetes.github.io/autoscaler"
  chart       = "cluster-autoscaler"
  version     = var.versions.charts.cluster-autoscaler
  atomic      = true
  timeout     = local.release.timeout
  max_history = local.release.max_history

  values = [yamlencode({
    cloudProvider    = "aws"
    awsRegion        = var.region
    autoDiscovery    = { clusterName = local.aws.cluster_name }
    fullnameOverride = "cluster-autoscaler"
    image            = { tag = "v${var.versions.cluster_autoscaler}" }

    rbac = {
      serviceAccount = {
        name        = "cluster-autoscaler"
        annotations = { "eks.amazonaws.com/role-arn" = local.aws.irsa_role_arns["cluster-autoscaler"] }
      }
    }

    # There is one node group, which AWS keeps even over its zones.
    extraArgs = {
      expander                    = "least-waste"
      skip-nodes-with-system-pods = false
    }

    resources                = { requests = { cpu = "20m", memory = "128Mi" }, limits = { memory = "256Mi" } }
    securityContext          = local.restricted_pod
    containerSecurityContext = local.restricted_container
  })]

  lifecycle {
    precondition {
      condition     = startswith(var.versions.cluster_autoscaler, "${local.aws.cluster_version}.")
      error_message = "versions.cluster_autoscaler ${var.versions.cluster_autoscaler} is not of the cluster's Kubernetes ${local.aws.cluster_version}: apply aws first."
    }
  }
}
