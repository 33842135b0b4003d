# The keys of each environment. They are made here because KMS has neither names nor a way to tell who made a key: an apply role
# that may tag a key could claim any of the account's. Here, an apply role only uses the two that are its own. They also outlive
# the environment: a backup of its table can be restored as long as its key is there.
resource "aws_kms_key" "cluster" {
  for_each = var.environments

  description             = "Secrets, logs and alarms of ${each.key}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = jsonencode({ Version = "2012-10-17", Statement = concat([local.key_administration], local.key_for_services[each.key]) })

  tags = { Environment = each.key }
}

resource "aws_kms_key" "users" {
  for_each = var.environments

  description             = "Table ${each.key}-users"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = jsonencode({ Version = "2012-10-17", Statement = [local.key_administration, local.key_through_dynamodb] })

  tags = { Environment = each.key }
}

# The root aws finds them by these names.
resource "aws_kms_alias" "cluster" {
  for_each = var.environments

  name          = "alias/${local.project}-${each.key}-cluster"
  target_key_id = aws_kms_key.cluster[each.key].key_id
}

resource "aws_kms_alias" "users" {
  for_each = var.environments

  name          = "alias/${local.project}-${each.key}-users"
  target_key_id = aws_kms_key.users[each.key].key_id
}

# In a key's policy, the resource * is the key itself.
locals {
  key_uses = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]

  # Hands the decision to IAM: without it, nobody could ever change a key again.
  key_administration = {
    Sid       = "AccountDecidesByIam"
    Effect    = "Allow"
    Principal = { AWS = "${local.arn.iam}:root" }
    Action    = "kms:*"
    Resource  = "*"
  }

  # The log groups of the environment; the edge's access logs; and alarms, which reach an encrypted topic through CloudWatch.
  key_for_services = {
    for environment in var.environments : environment => [
      {
        Sid       = "OwnLogGroups"
        Effect    = "Allow"
        Principal = { Service = "logs.${var.region}.amazonaws.com" }
        Action    = local.key_uses
        Resource  = "*"
        Condition = { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = concat(local.log_groups[environment], ["${local.arn.logs}:log-group:/aws/codebuild/${local.project}-${environment}*"]) } }
      },
      {
        Sid       = "AccessLogsAndAlarms"
        Effect    = "Allow"
        Principal = { Service = ["cloudwatch.amazonaws.com", "delivery.logs.amazonaws.com"] }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = local.account_id } }
      },
    ]
  }

  # Whoever may use the table may use its key, through DynamoDB only: the backend's role needs no permission on the key.
  key_through_dynamodb = {
    Sid       = "ThroughDynamoDb"
    Effect    = "Allow"
    Principal = { AWS = "*" }
    Action    = concat(local.key_uses, ["kms:CreateGrant"])
    Resource  = "*"
    Condition = {
      StringEquals = {
        "kms:CallerAccount" = local.account_id
        "kms:ViaService"    = "dynamodb.${var.region}.amazonaws.com"
      }
    }
  }
}
