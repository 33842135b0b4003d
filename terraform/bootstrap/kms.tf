# One key for what the account's environments share: the state, saved plans, images and charts.
resource "aws_kms_key" "shared" {
  description             = "${local.project}: Terraform state, saved plans, images and charts"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = jsonencode({ Version = "2012-10-17", Statement = [local.key_administration] })
}

resource "aws_kms_alias" "shared" {
  name          = "alias/${local.project}"
  target_key_id = aws_kms_key.shared.key_id
}
