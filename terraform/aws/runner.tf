# A runner for GitHub's jobs that need the cluster's private API: CodeBuild starts a machine in the private subnets for each such job and
# ends it afterwards, so it costs nothing when idle. Off unless the environment says codebuild_runner. The workflows know the project
# by name. The root bootstrap makes its role, and the connection to GitHub, which needs a handshake by hand (docs/deploy.md).
locals {
  runners = local.environment.codebuild_runner ? toset([var.environment]) : toset([])

  runner = {
    name       = "${local.project}-${var.environment}"
    repository = regex("(?m)^repository = \"(https://github\\.com/[^\"]+)\"$", file("${path.module}/../../Cargo.toml"))[0]
    # Those that have a job for the root kubernetes. What a branch adds as another workflow starts no machine.
    workflows = ["deploy", "stage", "drift"]
  }
}

data "aws_codestarconnections_connection" "github" {
  for_each = local.runners

  name = local.project
}

resource "aws_codebuild_project" "runner" {
  for_each = local.runners

  name          = local.runner.name
  description   = "GitHub's jobs for the root kubernetes of ${each.key}"
  service_role  = "arn:${local.partition}:iam::${local.account_id}:role/${local.project}-runner-${each.key}"
  build_timeout = 190

  artifacts {
    type = "NO_ARTIFACTS"
  }

  environment {
    type         = "LINUX_CONTAINER"
    compute_type = "BUILD_GENERAL1_MEDIUM"
    image        = "aws/codebuild/standard:7.0"
    # checkov:skip=CKV_AWS_316: Nix builds in namespaces of its own, which only a privileged container may make.
    privileged_mode = true
  }

  source {
    type     = "GITHUB"
    location = "${local.runner.repository}.git"

    auth {
      type     = "CODECONNECTIONS"
      resource = data.aws_codestarconnections_connection.github[each.key].arn
    }
  }

  vpc_config {
    vpc_id             = aws_vpc.main.id
    subnets            = values(aws_subnet.private)[*].id
    security_group_ids = [aws_security_group.runner[each.key].id]
  }

  logs_config {
    cloudwatch_logs {
      group_name = aws_cloudwatch_log_group.runner[each.key].name
    }
  }
}

resource "aws_codebuild_webhook" "runner" {
  for_each = local.runners

  project_name = aws_codebuild_project.runner[each.key].name
  build_type   = "BUILD"

  filter_group {
    filter {
      type    = "EVENT"
      pattern = "WORKFLOW_JOB_QUEUED"
    }

    filter {
      type    = "WORKFLOW_NAME"
      pattern = "^(${join("|", local.runner.workflows)})$"
    }
  }
}

resource "aws_cloudwatch_log_group" "runner" {
  for_each = local.runners

  name              = "/aws/codebuild/${local.runner.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = local.keys.cluster
}

resource "aws_security_group" "runner" {
  for_each = local.runners

  name        = "${local.names.cluster}-runner"
  description = "GitHub's jobs for the root kubernetes"
  vpc_id      = aws_vpc.main.id

  tags = { Name = "${local.names.cluster}-runner" }
}

# AWS, GitHub and Nix's cache are reached over https; nothing reaches the runner.
resource "aws_vpc_security_group_egress_rule" "runner" {
  for_each = local.runners

  security_group_id = aws_security_group.runner[each.key].id
  description       = "https"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_ingress_rule" "runner" {
  for_each = local.runners

  security_group_id            = aws_eks_cluster.main.vpc_config[0].cluster_security_group_id
  description                  = "The runner, to the cluster's API"
  referenced_security_group_id = aws_security_group.runner[each.key].id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}
