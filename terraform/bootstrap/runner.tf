# What the runners of terraform/aws/runner.tf need beforehand: the connection to GitHub, a role that writes logs and joins the network,
# and the rights to make them. The role can do nothing at AWS for a job: jobs take the pipeline's roles, with GitHub's token.
variable "codebuild_runner" {
  description = "Whether environments may have a CodeBuild runner for GitHub's jobs. The connection needs a handshake by hand: docs/deploy.md."
  type        = bool
  default     = false
  nullable    = false
}

locals {
  runners = var.codebuild_runner ? { for environment in var.environments : environment => "${local.project}-${environment}" } : {}
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
      values   = ["arn:${local.partition}:codebuild:${var.region}:${local.account_id}:project/${each.value}"]
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
  # checkov:skip=CKV_AWS_111: EC2 knows no narrower resource for the interfaces that CodeBuild makes in a VPC.
  # checkov:skip=CKV_AWS_356: the same holds of its resources.
  for_each = local.runners

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:${local.partition}:logs:${var.region}:${local.account_id}:log-group:/aws/codebuild/${each.value}:*"]
  }

  statement {
    sid       = "UseConnection"
    actions   = ["codeconnections:GetConnection", "codeconnections:GetConnectionToken", "codeconnections:UseConnection"]
    resources = aws_codestarconnections_connection.github[*].arn
  }

  statement {
    sid = "JoinNetwork"
    actions = [
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeDhcpOptions",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeSubnets",
      "ec2:DescribeVpcs",
    ]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [var.region]
    }
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

# The apply role of an environment makes its project; the plan role looks at it.
resource "aws_iam_role_policy" "apply_runner" {
  for_each = local.runners

  name   = "runner"
  role   = aws_iam_role.apply[each.key].name
  policy = data.aws_iam_policy_document.apply_runner[each.key].json
}

resource "aws_iam_role_policy" "plan_runner" {
  # checkov:skip=CKV_AWS_355: it reads descriptions only; a connection's id is not known by name.
  for_each = var.codebuild_runner ? toset(["plan"]) : toset([])

  name = "runner"
  role = aws_iam_role.plan.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["codebuild:BatchGetProjects", "codestar-connections:GetConnection", "codestar-connections:ListConnections", "codestar-connections:ListTagsForResource"]
      Resource = "*"
    }]
  })
}

data "aws_iam_policy_document" "apply_runner" {
  # checkov:skip=CKV_AWS_356: the one statement on all resources looks for the connection, and changes nothing.
  for_each = local.runners

  statement {
    sid = "Project"
    actions = [
      "codebuild:BatchGetProjects",
      "codebuild:CreateProject",
      "codebuild:CreateWebhook",
      "codebuild:DeleteProject",
      "codebuild:DeleteWebhook",
      "codebuild:UpdateProject",
      "codebuild:UpdateWebhook",
    ]
    resources = ["arn:${local.partition}:codebuild:${var.region}:${local.account_id}:project/${each.value}"]
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
    resources = ["arn:${local.partition}:logs:${var.region}:${local.account_id}:log-group:/aws/codebuild/${each.value}*"]
  }

  statement {
    sid       = "FindConnection"
    actions   = ["codestar-connections:GetConnection", "codestar-connections:ListConnections", "codestar-connections:ListTagsForResource"]
    resources = ["*"]
  }

  statement {
    sid       = "PassConnection"
    actions   = ["codeconnections:PassConnection", "codeconnections:UseConnection", "codestar-connections:PassConnection"]
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
