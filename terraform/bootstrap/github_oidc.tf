locals {
  github_issuer        = "token.actions.githubusercontent.com"
  github_oidc_provider = var.github_oidc_provider_arn == null ? one(aws_iam_openid_connect_provider.github[*].arn) : var.github_oidc_provider_arn

  # Whole subjects, never a pattern: a pattern is how other branches and other people's repositories get in.
  github_subjects = merge(
    { for environment in var.environments : "apply-${environment}" => ["${var.github_subject_prefix}:environment:${environment}"] },
    {
      plan    = ["${var.github_subject_prefix}:ref:refs/heads/main"]
      preview = ["${var.github_subject_prefix}:environment:plan"]
      push    = ["${var.github_subject_prefix}:environment:images"]
    },
  )
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.github_oidc_provider_arn == null ? 1 : 0

  url            = "https://${local.github_issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "github_trust" {
  for_each = local.github_subjects

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [local.github_oidc_provider]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.github_issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.github_issuer}:sub"
      values   = each.value
    }

    condition {
      test     = "StringEquals"
      variable = "${local.github_issuer}:repository_id"
      values   = [var.github_repository_id]
    }
  }
}
