# The most that any role made by an apply role can ever do, whatever policies it is given: no IAM, no role assumption,
# no object storage (so neither state nor plans), no table but a stage's, and of its data no scan and no deletion.
resource "aws_iam_policy" "boundary" {
  name        = "${local.project}-boundary"
  description = "Permissions boundary of the roles that the apply roles create"
  policy      = data.aws_iam_policy_document.boundary.json
}

data "aws_iam_policy_document" "boundary" {
  # checkov:skip=CKV_AWS_111: a boundary grants nothing; it is the outer limit of what the roles' own policies grant.
  # checkov:skip=CKV_AWS_356: the same holds of its resources; the roles' own policies name theirs.
  statement {
    sid = "ClusterAndNodes"
    actions = [
      "acm:DescribeCertificate",
      "acm:ListCertificates",
      "autoscaling:*",
      "ec2:*",
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:GetAuthorizationToken",
      "ecr:GetDownloadUrlForLayer",
      "eks:Describe*",
      "eks-auth:AssumeRoleForPodIdentity",
      "elasticloadbalancing:*",
      "kms:CreateGrant",
      "kms:Decrypt",
      "kms:DescribeKey",
      "kms:Encrypt",
      "kms:GenerateDataKey*",
      "kms:ReEncrypt*",
      "logs:CreateLogStream",
      "logs:DescribeLogGroups",
      "logs:DescribeLogStreams",
      "logs:PutLogEvents",
    ]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [var.region]
    }
  }

  statement {
    sid       = "Users"
    actions   = ["dynamodb:GetItem", "dynamodb:PutItem"]
    resources = [for stage in var.stages : "${local.arn.dynamodb}:table/${stage}-*"]
  }

  # The load balancer controller looks certificates up, and makes Elastic Load Balancing's own role in a new account.
  statement {
    sid       = "GlobalReads"
    actions   = ["iam:GetServerCertificate", "iam:ListServerCertificates"]
    resources = ["*"]
  }

  statement {
    sid       = "ServiceLinkedRoles"
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["${local.arn.iam}:role/aws-service-role/*"]

    condition {
      test     = "StringEquals"
      variable = "iam:AWSServiceName"
      values   = ["autoscaling.amazonaws.com", "elasticloadbalancing.amazonaws.com"]
    }
  }
}
