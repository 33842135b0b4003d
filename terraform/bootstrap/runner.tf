# What the runners of terraform/aws/runner.tf need beforehand: the connection to GitHub, a role that writes logs and joins the network,
# and the rights to make them. The role can do nothing at AWS for a job: jobs take the pipeline's roles, with GitHub's token.
variable "codebuild_runner" {
  description = "Whether environments may have a CodeBuild runner for GitHub's jobs. The connection needs a handshake by hand: docs/deploy.md."
  type        = bool
  default     = false
  nullable    = false
}

locals {
  # Environment -> project.
  runners = var.codebuild_runner ? { for environment in var.environments : environment => "${local.project}-${environment}" } : {}

  runner_rule_actions = formatlist("ec2:%s", ["AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress"])

  runner_arns = { for environment, name in local.runners : environment => "arn:${local.partition}:codebuild:${var.region}:${local.account_id}:project/${name}" }
}

resource "aws_codestarconnections_connection" "github" {
  count = var.codebuild_runner ? 1 : 0

  name          = local.project
  provider_type = "GitHub"
}

resource "aws_iam_role" "runner" {
  for_each = local.runners

  name               = "${local.project}-runner-${each.key}"
  description        = "CodeBuild's own part of a runner of ${each.key}"
  assume_role_policy = data.aws_iam_policy_document.runner_trust[each.key].json
}

data "aws_iam_policy_document" "runner_trust" {
  for_each = local.runners

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["codebuild.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [local.runner_arns[each.key]]
    }
  }
}

resource "aws_iam_role_policy" "runner" {
  for_each = local.runners

  name   = "runner"
  role   = aws_iam_role.runner[each.key].name
  policy = data.aws_iam_policy_document.runner[each.key].json
}

data "aws_iam_policy_document" "runner" {
  for_each = local.runners

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.arn.logs}:log-group:/aws/codebuild/${each.value}:*"]
  }

  # IAM asks under the prefix of the connection's ARN, which for those made by this provider is the older one.
  statement {
    sid       = "UseConnection"
    actions   = ["codestar-connections:GetConnection", "codestar-connections:GetConnectionToken", "codestar-connections:UseConnection"]
    resources = aws_codestarconnections_connection.github[*].arn
  }

  # Into the environment's own network only: whoever may change the project says which one.
  statement {
    sid       = "JoinNetwork"
    actions   = ["ec2:CreateNetworkInterface"]
    resources = ["${local.arn.ec2}:subnet/*", "${local.arn.ec2}:security-group/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Environment"
      values   = [each.key]
    }
  }

  statement {
    sid       = "Interfaces"
    actions   = ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"]
    resources = ["${local.arn.ec2}:network-interface/*"]
  }

  statement {
    sid       = "DescribeNetwork"
    actions   = formatlist("ec2:Describe%s", ["DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs"])
    resources = ["*"]
  }

  statement {
    sid       = "LendInterface"
    actions   = ["ec2:CreateNetworkInterfacePermission"]
    resources = ["${local.arn.ec2}:network-interface/*"]

    condition {
      test     = "StringEquals"
      variable = "ec2:AuthorizedService"
      values   = ["codebuild.amazonaws.com"]
    }
  }
}

# The apply role of an environment makes its project; every role that plans looks at it.
resource "aws_iam_role_policy" "apply_runner" {
  for_each = local.runners

  name   = "runner"
  role   = aws_iam_role.apply[each.key].name
  policy = data.aws_iam_policy_document.apply_runner[each.key].json
}

resource "aws_iam_role_policy" "read_runner" {
  for_each = var.codebuild_runner ? toset(concat([aws_iam_role.plan.name], aws_iam_role.preview[*].name, values(aws_iam_role.apply)[*].name)) : []

  name   = "read-runner"
  role   = each.key
  policy = data.aws_iam_policy_document.read_runner[0].json
}

data "aws_iam_policy_document" "read_runner" {
  # checkov:skip=CKV_AWS_356: AWS takes no resource for the two that find the connection by its name, and they change nothing.
  count = var.codebuild_runner ? 1 : 0

  statement {
    sid       = "Projects"
    actions   = ["codebuild:BatchGetProjects"]
    resources = values(local.runner_arns)
  }

  statement {
    sid       = "FindConnection"
    actions   = ["codestar-connections:ListConnections", "codestar-connections:ListTagsForResource"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "apply_runner" {
  for_each = local.runners

  statement {
    sid = "Project"
    actions = [
      "codebuild:CreateProject",
      "codebuild:CreateWebhook",
      "codebuild:DeleteProject",
      "codebuild:DeleteWebhook",
      "codebuild:UpdateProject",
      "codebuild:UpdateWebhook",
    ]
    resources = [local.runner_arns[each.key]]
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
    resources = ["${local.arn.logs}:log-group:/aws/codebuild/${each.value}*"]
  }

  # The runner's group, and the way from it into the cluster's own, which EKS makes with a tag that nobody else can give.
  statement {
    sid       = "CreateGroup"
    actions   = ["ec2:CreateSecurityGroup"]
    resources = ["${local.arn.ec2}:security-group/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/Environment"
      values   = [each.key]
    }
  }

  statement {
    sid       = "ChangeOwnGroup"
    actions   = concat(["ec2:CreateSecurityGroup", "ec2:DeleteSecurityGroup"], local.runner_rule_actions)
    resources = ["${local.arn.ec2}:security-group/*", "${local.arn.ec2}:vpc/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Environment"
      values   = [each.key]
    }
  }

  statement {
    sid       = "ReachCluster"
    actions   = local.runner_rule_actions
    resources = ["${local.arn.ec2}:security-group/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/aws:eks:cluster-name"
      values   = ["${each.key}-eks-cluster"]
    }
  }

  statement {
    sid       = "TagGroup"
    actions   = ["ec2:CreateTags"]
    resources = ["${local.arn.ec2}:security-group/*", "${local.arn.ec2}:security-group-rule/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/Environment"
      values   = [each.key]
    }

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["CreateSecurityGroup", "AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress"]
    }
  }

  statement {
    sid       = "PassConnection"
    actions   = ["codestar-connections:GetConnection", "codestar-connections:PassConnection", "codestar-connections:UseConnection"]
    resources = aws_codestarconnections_connection.github[*].arn
  }

  statement {
    sid       = "PassRole"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.runner[each.key].arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["codebuild.amazonaws.com"]
    }
  }
}
