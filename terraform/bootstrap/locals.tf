locals {
  project    = "backend-cloud-app"
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition

  tags = {
    Project = local.project
    # An apply role changes what carries its own environment's name here, and claims nothing that carries another.
    Environment = "shared"
    Root        = "bootstrap"
    ManagedBy   = "terraform"
  }

  # The stage commands build the same name, so that `terraform init` needs no pasted value.
  state_bucket = "${local.project}-state-${local.account_id}-${var.region}"

  role_names = {
    plan    = "${local.project}-plan"
    preview = "${local.project}-preview"
    apply   = { for environment in var.environments : environment => "${local.project}-apply-${environment}" }
    push    = "${local.project}-push"
  }

  # Every role that the root aws makes for an environment, after "<environment>-". Exact names: a role that somebody made by hand
  # may begin with dev- as well.
  environment_roles = concat(
    ["eks-cluster-role", "eks-node-role", "flow-logs-role"],
    formatlist("%s-irsa-role", ["backend", "cluster-autoscaler", "collector", "keda", "load-balancer-controller", "vpc-cni"]),
  )

  # Which of them may be handed to which service.
  passed_roles = {
    "ec2.amazonaws.com"           = ["eks-node-role"]
    "eks.amazonaws.com"           = ["eks-cluster-role", "eks-node-role", "vpc-cni-irsa-role"]
    "vpc-flow-logs.amazonaws.com" = ["flow-logs-role"]
  }

  role_arns = {
    for environment in var.environments : environment => formatlist("${local.arn.iam}:role/${environment}-%s", local.environment_roles)
  }

  log_groups = {
    for environment in var.environments : environment => [
      "${local.arn.logs}:log-group:/aws/eks/${environment}-eks-cluster/*",
      "${local.arn.logs}:log-group:/aws/vpc/${environment}/*",
    ]
  }

  # ARNs are spelt from names where the resource itself would make a cycle.
  arn = {
    acm      = "arn:${local.partition}:acm:*:${local.account_id}"
    dynamodb = "arn:${local.partition}:dynamodb:${var.region}:${local.account_id}"
    iam      = "arn:${local.partition}:iam::${local.account_id}"
    ec2      = "arn:${local.partition}:ec2:${var.region}:${local.account_id}"
    eks      = "arn:${local.partition}:eks:${var.region}:${local.account_id}"
    kms      = "arn:${local.partition}:kms:${var.region}:${local.account_id}"
    logs     = "arn:${local.partition}:logs:${var.region}:${local.account_id}"
    elb      = "arn:${local.partition}:elasticloadbalancing:${var.region}:${local.account_id}"
  }
}
