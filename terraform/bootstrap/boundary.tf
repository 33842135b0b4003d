# The most that any role made by an environment's apply role can ever do, whatever policies it is given: no IAM, no role
# assumption, no object storage (so neither state nor plans), and nothing of another environment. One for each environment: an apply
# role may give a role any policy inside the boundary, so a shared one would lead from dev to prod.
resource "aws_iam_policy" "boundary" {
  for_each = var.environments

  name        = "${local.project}-boundary-${each.key}"
  description = "Permissions boundary of the roles that the apply role of ${each.key} creates"
  policy      = data.aws_iam_policy_document.boundary[each.key].json
}

locals {
  # Tags by which a resource belongs to an environment: Terraform's own; EKS's on what it makes for a cluster; and those of the CNI,
  # the load balancer controller and the cluster autoscaler.
  boundary_tags = {
    for environment in var.environments : environment => {
      Environment                                            = environment
      "cluster.k8s.amazonaws.com/name"                       = "${environment}-eks-cluster"
      "elbv2.k8s.aws/cluster"                                = "${environment}-eks-cluster"
      "k8s.io/cluster-autoscaler/${environment}-eks-cluster" = "owned"
      "kubernetes.io/cluster/${environment}-eks-cluster"     = "owned"
    }
  }
}

data "aws_iam_policy_document" "boundary" {
  # checkov:skip=CKV_AWS_356: a boundary grants nothing; it is the outer limit of what the roles' own policies, which name theirs, grant.
  for_each = var.environments

  # Descriptions and pulls know no environment.
  statement {
    sid = "Look"
    actions = [
      "acm:DescribeCertificate",
      "acm:ListCertificates",
      "autoscaling:Describe*",
      "cloudwatch:GetMetricData",
      "ec2:Describe*",
      "ec2:GetInstanceTypesFromInstanceRequirements",
      "ec2:GetSecurityGroupsForVpc",
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:GetAuthorizationToken",
      "ecr:GetDownloadUrlForLayer",
      "eks:Describe*",
      "elasticloadbalancing:Describe*",
      "logs:DescribeLogGroups",
    ]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [var.region]
    }
  }

  # What exists is changed by its tag. Conditions on several tags would all have to hold: hence a statement for each.
  dynamic "statement" {
    for_each = local.boundary_tags[each.key]

    content {
      actions   = ["autoscaling:*", "ec2:*", "elasticloadbalancing:*"]
      resources = ["*"]

      condition {
        test     = "StringEquals"
        variable = "aws:ResourceTag/${statement.key}"
        values   = [statement.value]
      }
    }
  }

  # The CNI's network interfaces.
  statement {
    sid       = "CreateInterfaces"
    actions   = ["ec2:CreateNetworkInterface"]
    resources = ["${local.arn.ec2}:network-interface/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/cluster.k8s.amazonaws.com/name"
      values   = ["${each.key}-eks-cluster"]
    }
  }

  # What the load balancer controller makes for its own cluster. A listener or a rule is part of a load balancer, which the tags
  # above decide about.
  statement {
    sid       = "CreateLoadBalancers"
    actions   = ["ec2:CreateSecurityGroup", "elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:CreateTargetGroup"]
    resources = ["${local.arn.ec2}:security-group/*", "${local.arn.elb}:*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/elbv2.k8s.aws/cluster"
      values   = ["${each.key}-eks-cluster"]
    }
  }

  # Tags decide what a role may change, so they are given at creation, or to what the environment has.
  statement {
    sid       = "TagWhatIsCreated"
    actions   = ["ec2:CreateTags"]
    resources = ["${local.arn.ec2}:*"]

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["CreateNetworkInterface", "CreateSecurityGroup"]
    }
  }

  statement {
    sid       = "TagWhatIsBalanced"
    actions   = ["elasticloadbalancing:AddTags"]
    resources = ["${local.arn.elb}:*"]

    condition {
      test     = "StringEquals"
      variable = "elasticloadbalancing:CreateAction"
      values   = ["CreateListener", "CreateLoadBalancer", "CreateRule", "CreateTargetGroup"]
    }
  }

  statement {
    sid = "Keys"
    actions = [
      "kms:CreateGrant",
      "kms:Decrypt",
      "kms:DescribeKey",
      "kms:Encrypt",
      "kms:GenerateDataKey*",
      "kms:ReEncrypt*",
    ]
    resources = [aws_kms_key.cluster[each.key].arn, aws_kms_key.users[each.key].arn]
  }

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    resources = local.log_groups[each.key]
  }

  statement {
    sid       = "Users"
    actions   = ["dynamodb:GetItem", "dynamodb:PutItem"]
    resources = ["${local.arn.dynamodb}:table/${each.key}-users"]
  }

  statement {
    sid       = "PodIdentity"
    actions   = ["eks-auth:AssumeRoleForPodIdentity"]
    resources = ["${local.arn.eks}:cluster/${each.key}-eks-cluster"]
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
