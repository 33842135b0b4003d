locals {
  # Two keys, as they die with different things: the cluster's secrets and logs, and the users.
  keys = {
    cluster = { description = "Secrets and logs of ${local.names.cluster}", statement = local.key_for_log_groups }
    users   = { description = "Table ${var.dynamodb_users_table_name}", statement = local.key_through_dynamodb }
  }
}

resource "aws_kms_key" "this" {
  for_each = local.keys

  description             = each.value.description
  enable_key_rotation     = true
  deletion_window_in_days = local.deletion_protection ? 30 : 7

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [local.key_administration, each.value.statement]
  })
}

resource "aws_kms_alias" "this" {
  for_each = local.keys

  name          = "alias/${var.environment}-${each.key}"
  target_key_id = aws_kms_key.this[each.key].key_id
}

# In a key's policy, the resource * is the key itself.
locals {
  key_uses = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]

  # Hands the decision to IAM: without it, nobody could ever change a key again.
  key_administration = {
    Sid       = "AccountDecidesByIam"
    Effect    = "Allow"
    Principal = { AWS = "arn:${local.partition}:iam::${local.account_id}:root" }
    Action    = "kms:*"
    Resource  = "*"
  }

  key_for_log_groups = {
    Sid       = "OwnLogGroups"
    Effect    = "Allow"
    Principal = { Service = "logs.${var.region}.amazonaws.com" }
    Action    = local.key_uses
    Resource  = "*"
    Condition = {
      ArnEquals = {
        "kms:EncryptionContext:aws:logs:arn" = [
          for name in values(local.log_groups) : "arn:${local.partition}:logs:${var.region}:${local.account_id}:log-group:${name}"
        ]
      }
    }
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
