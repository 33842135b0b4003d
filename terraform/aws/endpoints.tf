# Gateway endpoints: traffic to DynamoDB and S3 stays on AWS's network, and costs no NAT traffic.
resource "aws_vpc_endpoint" "dynamodb" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.${var.region}.dynamodb"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = values(aws_route_table.private)[*].id
  policy            = data.aws_iam_policy_document.dynamodb_endpoint.json

  tags = { Name = "${local.names.vpc}-dynamodb" }
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.main.id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = values(aws_route_table.private)[*].id
  policy            = data.aws_iam_policy_document.s3_endpoint.json

  tags = { Name = "${local.names.vpc}-s3" }
}

# Which table; which action is for the caller's own policy to say. A pipeline runner inside the VPC plans through here too.
data "aws_iam_policy_document" "dynamodb_endpoint" {
  statement {
    sid       = "OwnTableOnly"
    actions   = ["dynamodb:*"]
    resources = [aws_dynamodb_table.users.arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = [local.account_id]
    }
  }
}

data "aws_iam_policy_document" "s3_endpoint" {
  statement {
    sid       = "OwnBuckets"
    actions   = ["s3:*"]
    resources = ["arn:${local.partition}:s3:::*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = [local.account_id]
    }
  }

  # ECR's layers, Kubernetes' own registry (it answers clients on AWS from the region's bucket) and Amazon Linux packages.
  statement {
    sid     = "PublicImagesAndPackages"
    actions = ["s3:GetObject"]
    resources = [
      "arn:${local.partition}:s3:::prod-${var.region}-starport-layer-bucket/*",
      "arn:${local.partition}:s3:::prod-registry-k8s-io-${var.region}/*",
      "arn:${local.partition}:s3:::al2023-repos-${var.region}-de612dc2/*",
    ]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
