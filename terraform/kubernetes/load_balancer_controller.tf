# Turns the backend's Ingress into a load balancer. It also removes it, so it is destroyed after the backend.
resource "helm_release" "load_balancer_controller" {
  name        = "aws-load-balancer-controller"
  namespace   = "kube-system"
  repository  = "https://aws.github.io/eks-charts"
  chart       = "aws-load-balancer-controller"
  version     = var.versions.charts.aws-load-balancer-controller
  atomic      = true
  timeout     = local.release.timeout
  max_history = local.release.max_history

  values = [yamlencode({
    clusterName = local.aws.cluster_name

    # Said here, as pods cannot ask the instance metadata service.
    region = var.region
    vpcId  = local.aws.vpc_id

    serviceAccount = {
      name        = "aws-load-balancer-controller"
      annotations = { "eks.amazonaws.com/role-arn" = local.aws.irsa_role_arns["load-balancer-controller"] }
    }

    # Of every Ingress: TLS 1.3 and 1.2. Without it, the controller takes AWS's oldest policy, which speaks TLS 1.0.
    defaultSSLPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06"

    # Not used, and not allowed by the role (terraform/aws/policy_load_balancer_controller.tf).
    enableShield = false
    enableWaf    = false
    enableWafv2  = false

    # Services of type LoadBalancer are not ours to take over.
    enableServiceMutatorWebhook = false

    # Keeps the webhook's certificate over upgrades: a new one would fail requests until every replica has it.
    keepTLSSecret = true

    defaultTags         = { for key, value in local.tags : key => value if key != "Root" }
    podDisruptionBudget = { maxUnavailable = 1 }
    resources           = { requests = { cpu = "50m", memory = "128Mi" }, limits = { memory = "256Mi" } }
  })]
}
