# CloudFront before the internal load balancer, by a VPC origin: the load balancer has no public address, so there is none that
# would have to be guarded by a secret header.
resource "aws_cloudfront_vpc_origin" "backend" {
  count = local.edge ? 1 : 0

  vpc_origin_endpoint_config {
    name                   = "${local.name}-${substr(sha1(jsonencode(local.origin)), 0, 8)}"
    arn                    = local.origin.arn
    http_port              = 80
    https_port             = 443
    origin_protocol_policy = local.origin.protocol

    origin_ssl_protocols {
      items    = ["TLSv1.2"]
      quantity = 1
    }
  }

  # AWS changes no origin that a distribution uses (hashicorp/terraform-provider-aws#40905): a new one takes its place first.
  lifecycle {
    create_before_destroy = true
    replace_triggered_by  = [terraform_data.origin]
  }
}

locals {
  # Without a domain the load balancer has no certificate, and CloudFront speaks HTTP to it, inside the VPC. A destroy plans first, and
  # the provider wants an ARN even of a load balancer that is gone.
  origin = {
    arn      = coalesce(try(local.load_balancer.arn, null), "arn:aws:elasticloadbalancing:${var.region}:${data.aws_caller_identity.current.account_id}:loadbalancer/app/missing/0")
    protocol = var.acm_domain_name == null ? "http-only" : "https-only"
  }
}

resource "terraform_data" "origin" {
  input            = local.origin
  triggers_replace = local.origin
}

resource "aws_cloudfront_distribution" "backend" {
  # checkov:skip=CKV_AWS_86: the access logs are delivered by CloudWatch's vended logs (access_logs.tf), which this does not know.
  # checkov:skip=CKV_AWS_305: there is no page at the root to be served.
  # checkov:skip=CKV_AWS_310: the one origin is a load balancer in every zone of the region; there is no second cluster to fail over to.
  # checkov:skip=CKV_AWS_374: greetings are for everybody, wherever they are.
  # checkov:skip=CKV2_AWS_47: besides the rules against Log4j, which are there (waf.tf), it wants the group that refuses Tor and VPNs.
  count = local.edge ? 1 : 0

  comment         = local.name
  enabled         = true
  aliases         = compact([var.acm_domain_name])
  http_version    = "http2and3"
  is_ipv6_enabled = true
  price_class     = "PriceClass_100"
  web_acl_id      = aws_wafv2_web_acl.backend[0].arn

  origin {
    origin_id   = "backend"
    domain_name = coalesce(try(local.load_balancer.dns_name, null), "missing")

    vpc_origin_config {
      vpc_origin_id            = aws_cloudfront_vpc_origin.backend[0].id
      origin_keepalive_timeout = 25 # below the load balancer's 30 seconds, so that CloudFront is the side that closes
      origin_read_timeout      = 30
    }
  }

  default_cache_behavior {
    target_origin_id           = "backend"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = data.aws_cloudfront_cache_policy.origin_decides[0].id
    origin_request_policy_id   = data.aws_cloudfront_origin_request_policy.all_viewer[0].id
    response_headers_policy_id = data.aws_cloudfront_response_headers_policy.security[0].id
  }

  # An error is never kept: left to itself, CloudFront repeats one for ten seconds even where the service forbids it.
  dynamic "custom_error_response" {
    for_each = toset([400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504])

    content {
      error_code            = custom_error_response.value
      error_caching_min_ttl = 0
    }
  }

  viewer_certificate {
    acm_certificate_arn            = one(data.aws_acm_certificate.edge[*].arn)
    cloudfront_default_certificate = var.acm_domain_name == null
    minimum_protocol_version       = var.acm_domain_name == null ? "TLSv1" : "TLSv1.2_2021"
    ssl_support_method             = var.acm_domain_name == null ? null : "sni-only"
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  depends_on = [terraform_data.load_balancer]
}

# CloudFront takes its certificate from us-east-1; the root bootstrap made it.
data "aws_acm_certificate" "edge" {
  count = local.edge && var.acm_domain_name != null ? 1 : 0

  region      = "us-east-1"
  domain      = var.acm_domain_name
  statuses    = ["ISSUED"]
  most_recent = true
}

# What the service's Cache-Control says, by host.
data "aws_cloudfront_cache_policy" "origin_decides" {
  count = local.edge ? 1 : 0

  name = "UseOriginCacheControlHeaders"
}

# All that the client sent, Host among it.
data "aws_cloudfront_origin_request_policy" "all_viewer" {
  count = local.edge ? 1 : 0

  name = "Managed-AllViewer"
}

# HSTS, so that a browser that came once by HTTPS sends no username in the clear; and nosniff.
data "aws_cloudfront_response_headers_policy" "security" {
  count = local.edge ? 1 : 0

  name = "Managed-SecurityHeadersPolicy"
}
