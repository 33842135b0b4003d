locals {
  project    = "backend-cloud-app"
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition

  tags = {
    Project   = local.project
    Root      = "bootstrap"
    ManagedBy = "terraform"
  }

  # The stage commands build the same name, so that `terraform init` needs no pasted value.
  state_bucket = "${local.project}-state-${local.account_id}-${var.region}"

  role_names = {
    plan    = "${local.project}-plan"
    preview = "${local.project}-preview"
    apply   = { for environment in var.environments : environment => "${local.project}-apply-${environment}" }
    push    = "${local.project}-push"
  }

  # ARNs are spelt from names where the resource itself would make a cycle.
  arn = {
    acm      = "arn:${local.partition}:acm:${var.region}:${local.account_id}"
    dynamodb = "arn:${local.partition}:dynamodb:${var.region}:${local.account_id}"
    iam      = "arn:${local.partition}:iam::${local.account_id}"
    ec2      = "arn:${local.partition}:ec2:${var.region}:${local.account_id}"
    eks      = "arn:${local.partition}:eks:${var.region}:${local.account_id}"
    elb      = "arn:${local.partition}:elasticloadbalancing:${var.region}:${local.account_id}"
  }
}
