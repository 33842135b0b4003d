# Adds a node when pods have no place, and removes one that is hardly used.
resource "helm_release" "cluster_autoscaler" {
  name        = "cluster-autoscaler"
  namespace   = "kube-system"
  repository  = "https://kubernetes.github.io/autoscaler"
  chart       = "cluster-autoscaler"
  version     = "9.59.0"
  atomic      = true
  timeout     = local.release.timeout
  max_history = local.release.max_history

  values = [yamlencode({
    cloudProvider    = "aws"
    awsRegion        = var.region
    autoDiscovery    = { clusterName = local.aws.cluster_name }
    fullnameOverride = "cluster-autoscaler"
    image            = { tag = "v${var.cluster_autoscaler_version}" }

    rbac = {
      serviceAccount = {
        name        = "cluster-autoscaler"
        annotations = { "eks.amazonaws.com/role-arn" = local.aws.irsa_role_arns["cluster-autoscaler"] }
      }
    }

    extraArgs = {
      # Keeps the zones even, so that a lost zone costs no more than its share.
      balance-similar-node-groups = true
      expander                    = "least-waste"
      skip-nodes-with-system-pods = false
    }

    resources                = { requests = { cpu = "20m", memory = "128Mi" }, limits = { memory = "256Mi" } }
    securityContext          = local.restricted_pod
    containerSecurityContext = local.restricted_container
  })]

  lifecycle {
    precondition {
      condition     = startswith(var.cluster_autoscaler_version, "${local.aws.cluster_version}.")
      error_message = "cluster_autoscaler_version ${var.cluster_autoscaler_version} is not of the cluster's Kubernetes ${local.aws.cluster_version}: choose a release of that minor version."
    }
  }
}
