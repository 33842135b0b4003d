# What the edge lets through, keeps and writes down.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  edge            = "on"
  acm_domain_name = "api.birthdays.test"
  route53_zone_id = "Z0123456789ABCDEFGHIJ"
}

run "cloudfront" {
  assert {
    condition = toset([for response in aws_cloudfront_distribution.backend[0].custom_error_response : "${response.error_code} ${response.error_caching_min_ttl}"]) == toset([
      for status in [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504] : "${status} 0"
    ])
    error_message = "every status that CloudFront can keep is kept for no time"
  }

  assert {
    condition     = aws_cloudfront_distribution.backend[0].http_version == "http2and3" && aws_cloudfront_distribution.backend[0].is_ipv6_enabled && aws_cloudfront_distribution.backend[0].viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021"
    error_message = "HTTP/3, IPv6, and TLS 1.2 or newer"
  }

  assert {
    condition     = aws_cloudfront_distribution.backend[0].default_cache_behavior[0].viewer_protocol_policy == "redirect-to-https" && length(aws_cloudfront_distribution.backend[0].default_cache_behavior[0].allowed_methods) == 7 && data.aws_cloudfront_cache_policy.origin_decides[0].name == "UseOriginCacheControlHeaders" && data.aws_cloudfront_origin_request_policy.all_viewer[0].name == "Managed-AllViewer"
    error_message = "HTTPS only, every method, the service's own Cache-Control, and all that the client sent"
  }
}

run "firewall" {
  assert {
    condition     = aws_wafv2_web_acl.backend[0].scope == "CLOUDFRONT" && aws_wafv2_web_acl.backend[0].region == "us-east-1" && aws_cloudfront_distribution.backend[0].web_acl_id == aws_wafv2_web_acl.backend[0].arn
    error_message = "before the distribution"
  }

  assert {
    condition = toset(aws_wafv2_web_acl.backend[0].rule[*].name) == toset(["common", "known-bad-inputs", "rate"]) && toset(flatten([
      for rule in aws_wafv2_web_acl.backend[0].rule : [for group in rule.statement[0].managed_rule_group_statement : [for counted in group.rule_action_override : counted.name]]
    ])) == toset(["NoUserAgent_HEADER", "SizeRestrictions_BODY", "SizeRestrictions_QUERYSTRING", "SizeRestrictions_URIPATH"])
    error_message = "a rate for each address and two groups, whose rules against our contract only count"
  }
}

run "access_logs" {
  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.access_logs[0].rule[0].expiration[0].days == 90 && one(one(aws_s3_bucket_server_side_encryption_configuration.access_logs[0].rule).apply_server_side_encryption_by_default).sse_algorithm == "aws:kms"
    error_message = "usernames are encrypted, and gone after 90 days"
  }
}

run "alarms" {
  assert {
    condition     = abs(aws_cloudwatch_metric_alarm.sum["errors"].threshold - 1.44) < 0.001 && aws_cloudwatch_metric_alarm.latency.threshold == 0.25 && aws_cloudwatch_metric_alarm.latency.extended_statistic == "p99"
    error_message = "thresholds are the objectives of the chart's values: 14.4 times the budget of 0.1 %, and 0.25 s"
  }

  assert {
    condition     = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.sum), [aws_cloudwatch_metric_alarm.latency, aws_cloudwatch_metric_alarm.down]) : alarm.alarm_actions == toset([aws_sns_topic.alarms.arn])]) && aws_cloudwatch_metric_alarm.down.treat_missing_data == "breaching"
    error_message = "somebody is told, also when nothing is measured any more"
  }

  assert {
    condition     = aws_sns_topic_subscription.email[0].endpoint == "on-call@birthdays.test"
    error_message = "whom the settings name"
  }
}
