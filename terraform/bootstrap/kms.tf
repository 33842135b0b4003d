# One key for what the account's environments share: the state, saved plans, images and charts.
resource "aws_kms_key" "shared" {
  description             = "${local.project}: Terraform state, saved plans, images and charts"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  # Hands the decision to IAM: without it, nobody could ever change the key again. In a key's policy, * is the key itself.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AccountDecidesByIam"
      Effect    = "Allow"
      Principal = { AWS = "${local.arn.iam}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

resource "aws_kms_alias" "shared" {
  name          = "alias/${local.project}"
  target_key_id = aws_kms_key.shared.key_id
}
