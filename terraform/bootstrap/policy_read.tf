# What a plan reads: the description of every kind of resource in the roots aws, kubernetes and dns. It reads no data:
# no item of a table, no log event, no object but the state.
resource "aws_iam_policy" "read" {
  name        = "${local.project}-read"
  description = "What planning the roots aws, kubernetes and dns reads"
  policy      = data.aws_iam_policy_document.read.json
}

data "aws_iam_policy_document" "read" {
  # These know no narrower resource.
  statement {
    sid = "Describe"
    actions = [
      "acm:ListCertificates",
      "autoscaling:DescribeAutoScalingGroups",
      "cloudwatch:DescribeAlarms",
      "ec2:Describe*",
      "ec2:GetManagedPrefixListEntries",
      "eks:DescribeAddonVersions",
      "elasticloadbalancing:Describe*",
      "kms:ListAliases",
      "logs:DescribeLogGroups",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "DescribeCertificates"
    actions   = ["acm:DescribeCertificate", "acm:GetCertificate", "acm:ListTagsForCertificate"]
    resources = ["${local.arn.acm}:certificate/*"]
  }

  statement {
    sid = "DescribeTables"
    actions = [
      "dynamodb:DescribeContinuousBackups",
      "dynamodb:DescribeTable",
      "dynamodb:DescribeTimeToLive",
      "dynamodb:ListTagsOfResource",
    ]
    resources = [for environment in var.environments : "${local.arn.dynamodb}:table/${environment}-users"]
  }

  statement {
    sid = "DescribeClusters"
    actions = [
      "eks:DescribeAccessEntry",
      "eks:DescribeAddon",
      "eks:DescribeCluster",
      "eks:DescribeNodegroup",
      "eks:DescribeUpdate",
      "eks:ListAssociatedAccessPolicies",
    ]
    resources = flatten([
      for environment in var.environments : [
        "${local.arn.eks}:cluster/${environment}-eks-cluster",
        "${local.arn.eks}:access-entry/${environment}-eks-cluster/*",
        "${local.arn.eks}:addon/${environment}-eks-cluster/*",
        "${local.arn.eks}:nodegroup/${environment}-eks-cluster/*",
      ]
    ])
  }

  # Any role may be a cluster's administrator; what a role may do is read of the environments' own.
  statement {
    sid       = "DescribeRoles"
    actions   = ["iam:GetRole"]
    resources = ["${local.arn.iam}:role/*"]
  }

  statement {
    sid       = "ReadOwnRoles"
    actions   = ["iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies"]
    resources = flatten(values(local.role_arns))
  }

  statement {
    sid       = "DescribeIdentityProviders"
    actions   = ["iam:GetOpenIDConnectProvider"]
    resources = ["${local.arn.iam}:oidc-provider/oidc.eks.${var.region}.amazonaws.com/id/*"]
  }

  statement {
    sid       = "DescribeKeys"
    actions   = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"]
    resources = ["${local.arn.kms}:key/*"]
  }

  statement {
    sid       = "DescribeLogGroups"
    actions   = ["logs:ListTagsForResource"]
    resources = ["${local.arn.logs}:log-group:*"]
  }

  statement {
    sid     = "DescribeRecords"
    actions = ["route53:GetChange", "route53:GetHostedZone", "route53:ListResourceRecordSets", "route53:ListTagsForResource"]
    resources = concat(
      ["arn:${local.partition}:route53:::change/*"],
      [for domain in var.domains : "arn:${local.partition}:route53:::hostedzone/${domain.zone_id}"],
    )
  }

  # CloudFront and its firewall: the policies that AWS manages are read as well.
  statement {
    sid = "DescribeEdge"
    actions = [
      "cloudfront:Get*Policy",
      "cloudfront:GetDistribution",
      "cloudfront:GetVpcOrigin",
      "cloudfront:List*Policies",
      "cloudfront:ListTagsForResource",
      "cloudwatch:GetDashboard",
      "cloudwatch:ListTagsForResource",
      "logs:GetDelivery*",
      "sns:GetSubscriptionAttributes",
      "sns:GetTopicAttributes",
      "sns:ListTagsForResource",
      "wafv2:GetWebACL",
      "wafv2:ListTagsForResource",
    ]
    resources = ["*"]
  }

  statement {
    sid = "DescribeAccessLogBuckets"
    actions = [
      "s3:GetAccelerateConfiguration",
      "s3:GetBucket*",
      "s3:GetEncryptionConfiguration",
      "s3:GetLifecycleConfiguration",
      "s3:GetReplicationConfiguration",
      "s3:ListBucket",
      "s3:ListTagsForResource",
    ]
    resources = [for environment in var.environments : "arn:${local.partition}:s3:::${local.project}-access-logs-${environment}-${local.account_id}"]
  }

  # A deploy looks whether its image exists, and verifies its signature.
  statement {
    sid       = "RegistrySignIn"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid       = "PullImages"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer"]
    resources = values(aws_ecr_repository.this)[*].arn
  }

  statement {
    sid       = "ListState"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.state.arn]
  }
}
