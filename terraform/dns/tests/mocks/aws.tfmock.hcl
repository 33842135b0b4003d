# Answers in place of AWS: only what must have a certain form for the rest to be planned.

mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012" }
}

mock_data "aws_iam_policy_document" {
  defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
}

mock_data "aws_lbs" {
  defaults = { arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/k8s-backend/0123456789abcdef"] }
}

mock_data "aws_lb" {
  defaults = {
    arn        = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/k8s-backend/0123456789abcdef"
    arn_suffix = "app/k8s-backend/0123456789abcdef"
    dns_name   = "k8s-backend.eu-west-1.elb.amazonaws.com"
    zone_id    = "Z32O12XQLNTSW2"
    tags       = { "ingress.k8s.aws/stack" = "mock/backend" }
  }
}

mock_data "aws_lb_target_group" {
  defaults = { arn_suffix = "targetgroup/k8s-backend/0123456789abcdef" }
}

mock_data "aws_kms_alias" {
  defaults = { target_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000" }
}

mock_data "aws_acm_certificate" {
  defaults = { arn = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000" }
}

mock_resource "aws_cloudfront_distribution" {
  defaults = {
    arn            = "arn:aws:cloudfront::123456789012:distribution/E0123456789ABC"
    domain_name    = "d111111abcdef8.cloudfront.net"
    hosted_zone_id = "Z2FDTNDATAQYW2"
  }
}

mock_resource "aws_wafv2_web_acl" {
  defaults = { arn = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/mock/0123abcd" }
}

mock_resource "aws_s3_bucket" {
  defaults = { arn = "arn:aws:s3:::mock" }
}

mock_resource "aws_sns_topic" {
  defaults = { arn = "arn:aws:sns:eu-west-1:123456789012:mock" }
}

mock_resource "aws_cloudwatch_log_delivery_destination" {
  defaults = { arn = "arn:aws:logs:us-east-1:123456789012:delivery-destination:mock" }
}
