# The environment's keys, which the root bootstrap makes (terraform/bootstrap/keys.tf says why).
data "aws_kms_alias" "this" {
  for_each = toset(["cluster", "users"])

  name = "alias/${local.project}-${var.environment}-${each.value}"
}

locals {
  keys = { for name, alias in data.aws_kms_alias.this : name => alias.target_key_arn }
}
