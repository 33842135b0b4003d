locals {
  project     = "backend-cloud-app"
  account_id  = data.aws_caller_identity.current.account_id
  partition   = data.aws_partition.current.partition
  environment = var.environments[var.environment]

  deletion_protection = coalesce(var.deletion_protection, local.environment.deletion_protection)

  # Names that the chart, the other roots and the stage commands share.
  names = {
    cluster   = "${var.environment}-eks-cluster"
    namespace = var.environment
    vpc       = "${var.environment}-vpc"
  }

  # The tag Environment is more than a label: the apply role of an environment may change only what carries it.
  tags = {
    Project     = local.project
    Environment = var.environment
    Root        = "aws"
    ManagedBy   = "terraform"
  }

  # Made by the root bootstrap; spelt from its name, as planning may not need IAM's permission to read it.
  permissions_boundary = "arn:${local.partition}:iam::${local.account_id}:policy/${local.project}-boundary-${var.environment}"
}
