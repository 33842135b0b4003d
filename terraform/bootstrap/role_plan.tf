# Plans any environment from the main branch. It writes two kinds of object: the lock of a state while the
# plan runs, and the plan that it leaves to be applied.
resource "aws_iam_role" "plan" {
  name               = local.role_names.plan
  description        = "Plans any environment; changes nothing"
  assume_role_policy = data.aws_iam_policy_document.github_trust["plan"].json
}

resource "aws_iam_role_policy_attachment" "plan_read" {
  role       = aws_iam_role.plan.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_role_policy" "plan" {
  name   = "state"
  role   = aws_iam_role.plan.name
  policy = data.aws_iam_policy_document.plan.json
}

data "aws_iam_policy_document" "plan" {
  statement {
    sid       = "ReadState"
    actions   = ["s3:GetObject"]
    resources = [for environment in var.environments : "${aws_s3_bucket.state.arn}/env:/${environment}/*"]
  }

  statement {
    sid       = "LockState"
    actions   = ["s3:PutObject", "s3:DeleteObject"]
    resources = [for environment in var.environments : "${aws_s3_bucket.state.arn}/env:/${environment}/*.tflock"]
  }

  statement {
    sid       = "SavePlans"
    actions   = ["s3:PutObject"]
    resources = [for environment in var.environments : "${aws_s3_bucket.state.arn}/plans/${environment}/*"]
  }

  statement {
    sid       = "UseKeyThroughS3"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.shared.arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${var.region}.amazonaws.com"]
    }
  }
}
