# One key for what the account's stages share: the state, saved plans, images and charts.
resource "aws_kms_key" "shared" {
  description             = "${local.project}: Terraform state, saved plans, images and charts"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.shared_key.json
}

resource "aws_kms_alias" "shared" {
  name          = "alias/${local.project}"
  target_key_id = aws_kms_key.shared.key_id
}

data "aws_iam_policy_document" "shared_key" {
  # Hands the decision to IAM: without it, nobody could ever change the key again.
  statement {
    sid       = "AccountDecidesByIam"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["${local.arn.iam}:root"]
    }
  }
}
