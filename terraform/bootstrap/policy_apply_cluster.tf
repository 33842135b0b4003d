data "aws_iam_policy_document" "apply_cluster" {
  for_each = var.environments

  statement {
    sid = "Cluster"
    actions = [
      "eks:AssociateAccessPolicy",
      "eks:AssociateEncryptionConfig",
      "eks:CreateAccessEntry",
      "eks:CreateAddon",
      "eks:CreateNodegroup",
      "eks:DeleteAccessEntry",
      "eks:DeleteAddon",
      "eks:DeleteCluster",
      "eks:DeleteNodegroup",
      "eks:DisassociateAccessPolicy",
      "eks:TagResource",
      "eks:UntagResource",
      "eks:UpdateAccessEntry",
      "eks:UpdateAddon",
      "eks:UpdateClusterConfig",
      "eks:UpdateClusterVersion",
      "eks:UpdateNodegroupConfig",
      "eks:UpdateNodegroupVersion",
    ]
    resources = [
      "${local.arn.eks}:cluster/${each.key}-eks-cluster",
      "${local.arn.eks}:access-entry/${each.key}-eks-cluster/*",
      "${local.arn.eks}:addon/${each.key}-eks-cluster/*",
      "${local.arn.eks}:nodegroup/${each.key}-eks-cluster/*",
    ]
  }

  # EKS's list of permissions gives this action no resource, its refusals name the cluster: so it is limited by the tag, and by the
  # role that is passed. The name of another environment's cluster can be taken before that is there, which is a nuisance only.
  statement {
    sid       = "CreateTaggedCluster"
    actions   = ["eks:CreateCluster"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/Environment"
      values   = [each.key]
    }
  }

  statement {
    sid = "Table"
    actions = [
      "dynamodb:CreateTable",
      "dynamodb:DeleteTable",
      "dynamodb:TagResource",
      "dynamodb:UntagResource",
      "dynamodb:UpdateContinuousBackups",
      "dynamodb:UpdateTable",
    ]
    resources = ["${local.arn.dynamodb}:table/${each.key}-users"]
  }

  statement {
    sid = "Logs"
    actions = [
      "logs:AssociateKmsKey",
      "logs:CreateLogGroup",
      "logs:DeleteLogGroup",
      "logs:PutRetentionPolicy",
      "logs:TagResource",
      "logs:UntagResource",
    ]
    resources = local.log_groups[each.key]
  }

  # Flow logs are handed to CloudWatch in the caller's name, and only so: on its own the role may not touch a delivery.
  statement {
    sid       = "LogDelivery"
    actions   = ["logs:CreateLogDelivery", "logs:DeleteLogDelivery"]
    resources = ["*"]

    condition {
      test     = "Bool"
      variable = "aws:ViaAWSService"
      values   = ["true"]
    }
  }

  # EKS and DynamoDB keep using the key after the apply, by a grant. Nothing else about a key is up to an apply role (keys.tf).
  statement {
    sid       = "GrantOwnKeysToServices"
    actions   = ["kms:CreateGrant"]
    resources = [aws_kms_key.cluster[each.key].arn, aws_kms_key.users[each.key].arn]

    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }

  # The alias of its own host name, if it has one: other names are out of reach, and so are mail and delegation.
  dynamic "statement" {
    for_each = { for environment, domain in var.domains : environment => domain if environment == each.key }

    content {
      sid       = "Records"
      actions   = ["route53:ChangeResourceRecordSets"]
      resources = ["arn:${local.partition}:route53:::hostedzone/${statement.value.zone_id}"]

      condition {
        test     = "ForAllValues:StringEquals"
        variable = "route53:ChangeResourceRecordSetsNormalizedRecordNames"
        values   = [statement.value.name]
      }

      condition {
        test     = "ForAllValues:StringEquals"
        variable = "route53:ChangeResourceRecordSetsRecordTypes"
        values   = ["A", "AAAA"]
      }
    }
  }
}
