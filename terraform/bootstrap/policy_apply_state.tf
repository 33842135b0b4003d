data "aws_iam_policy_document" "apply_state" {
  for_each = var.environments

  statement {
    sid       = "ReadAndWriteState"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${aws_s3_bucket.state.arn}/env:/${each.key}/*"]
  }

  # A state is never deleted, only its lock: versions of a state outlive even its destroy.
  statement {
    sid       = "UnlockState"
    actions   = ["s3:DeleteObject"]
    resources = ["${aws_s3_bucket.state.arn}/env:/${each.key}/*.tflock"]
  }

  statement {
    sid       = "ReadPlans"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.state.arn}/plans/${each.key}/*"]
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
