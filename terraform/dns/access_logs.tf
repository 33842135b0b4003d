# Every request that reaches the edge, with the client's address and the path: the path holds a username, so these are personal
# data. They are encrypted, read by nobody by default, and gone after 90 days.
resource "aws_s3_bucket" "access_logs" {
  # checkov:skip=CKV_AWS_18: these are the access logs.
  # checkov:skip=CKV_AWS_21: a version of a log would outlive the day on which it has to be gone.
  # checkov:skip=CKV_AWS_144: personal data stay in their region.
  # checkov:skip=CKV2_AWS_62: nothing is meant to react to a log.
  count = local.edge ? 1 : 0

  bucket = "${local.project}-access-logs-${var.environment}-${data.aws_caller_identity.current.account_id}"

  # A destroyed environment leaves no personal data behind.
  force_destroy = true
}

resource "aws_s3_bucket_lifecycle_configuration" "access_logs" {
  count = local.edge ? 1 : 0

  bucket = aws_s3_bucket.access_logs[0].id

  rule {
    id     = "expire"
    status = "Enabled"
    filter {}

    expiration {
      days = 90
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "access_logs" {
  count = local.edge ? 1 : 0

  bucket = aws_s3_bucket.access_logs[0].id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = data.aws_kms_alias.cluster.target_key_arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "access_logs" {
  count = local.edge ? 1 : 0

  bucket = aws_s3_bucket.access_logs[0].id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "access_logs" {
  count = local.edge ? 1 : 0

  bucket = aws_s3_bucket.access_logs[0].id
  policy = data.aws_iam_policy_document.access_logs[0].json
}

data "aws_iam_policy_document" "access_logs" {
  count = local.edge ? 1 : 0

  statement {
    sid       = "Delivery"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.access_logs[0].arn}/*"]

    principals {
      type        = "Service"
      identifiers = ["delivery.logs.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.access_logs[0].arn, "${aws_s3_bucket.access_logs[0].arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

# CloudFront's logs are delivered from us-east-1, to a bucket anywhere.
resource "aws_cloudwatch_log_delivery_source" "edge" {
  count = local.edge ? 1 : 0

  region       = "us-east-1"
  name         = local.name
  log_type     = "ACCESS_LOGS"
  resource_arn = aws_cloudfront_distribution.backend[0].arn
}

resource "aws_cloudwatch_log_delivery_destination" "edge" {
  count = local.edge ? 1 : 0

  region        = "us-east-1"
  name          = local.name
  output_format = "json"

  delivery_destination_configuration {
    destination_resource_arn = aws_s3_bucket.access_logs[0].arn
  }

  depends_on = [aws_s3_bucket_policy.access_logs]
}

resource "aws_cloudwatch_log_delivery" "edge" {
  count = local.edge ? 1 : 0

  region                   = "us-east-1"
  delivery_source_name     = aws_cloudwatch_log_delivery_source.edge[0].name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.edge[0].arn
}

# The key for what belongs to the environment's cluster and edge (terraform/bootstrap/keys.tf).
data "aws_kms_alias" "cluster" {
  name = "alias/${local.project}-${var.environment}-cluster"
}
