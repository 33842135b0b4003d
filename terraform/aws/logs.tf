locals {
  log_groups = {
    # EKS writes to this name; made here first, so that it has a retention and a key.
    cluster   = "/aws/eks/${local.names.cluster}/cluster"
    metrics   = "/aws/eks/${local.names.cluster}/metrics"
    flow_logs = "/aws/vpc/${var.environment}/flow-logs"
  }
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = local.log_groups

  name              = each.value
  retention_in_days = var.log_retention_days
  kms_key_id        = local.keys.cluster
}
