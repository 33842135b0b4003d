locals {
  # Two keys, as they die with different things: the cluster's secrets and logs, and the users.
  keys = {
    cluster = { description = "Secrets and logs of ${local.names.cluster}", policy = data.aws_iam_policy_document.cluster_key.json }
    users   = { description = "Table ${var.dynamodb_users_table_name}", policy = data.aws_iam_policy_document.users_key.json }
  }
}

resource "aws_kms_key" "this" {
  for_each = local.keys

  description             = each.value.description
  enable_key_rotation     = true
  deletion_window_in_days = local.deletion_protection ? 30 : 7
  policy                  = each.value.policy
}

resource "aws_kms_alias" "this" {
  for_each = local.keys

  name          = "alias/${var.environment}-${each.key}"
  target_key_id = aws_kms_key.this[each.key].key_id
}

# Hands the decision to IAM: without it, nobody could ever change a key again.
data "aws_iam_policy_document" "key_administration" {
  statement {
    sid       = "AccountDecidesByIam"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account_id}:root"]
    }
  }
}

data "aws_iam_policy_document" "cluster_key" {
  source_policy_documents = [data.aws_iam_policy_document.key_administration.json]

  statement {
    sid       = "LogGroupsOfTheStage"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${var.region}.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = [for name in values(local.log_groups) : "arn:${local.partition}:logs:${var.region}:${local.account_id}:log-group:${name}"]
    }
  }
}

data "aws_iam_policy_document" "users_key" {
  source_policy_documents = [data.aws_iam_policy_document.key_administration.json]

  # Whoever may use the table may use its key, through DynamoDB only: the backend's role needs no permission on the key.
  statement {
    sid       = "ThroughDynamoDb"
    actions   = ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:CallerAccount"
      values   = [local.account_id]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["dynamodb.${var.region}.amazonaws.com"]
    }
  }
}
