# What stands before the load balancer (terraform/dns): alarms in every environment, the edge in those that may have one. What AWS
# knows by name begins with backend-cloud-app-<environment>; CloudFront has ids only, so there the tag decides.
data "aws_iam_policy_document" "apply_edge" {
  for_each = var.environments

  statement {
    sid = "Alarms"
    actions = [
      "cloudwatch:DeleteAlarms",
      "cloudwatch:DeleteDashboards",
      "cloudwatch:PutDashboard",
      "cloudwatch:PutMetricAlarm",
      "cloudwatch:TagResource",
      "cloudwatch:UntagResource",
    ]
    resources = [
      "arn:${local.partition}:cloudwatch:${var.region}:${local.account_id}:alarm:${local.project}-${each.key}-*",
      "arn:${local.partition}:cloudwatch::${local.account_id}:dashboard/${each.key}-backend",
    ]
  }

  statement {
    sid = "AlarmTopic"
    actions = [
      "sns:CreateTopic",
      "sns:DeleteTopic",
      "sns:SetTopicAttributes",
      "sns:Subscribe",
      "sns:TagResource",
      "sns:Unsubscribe",
      "sns:UntagResource",
    ]
    resources = ["arn:${local.partition}:sns:${var.region}:${local.account_id}:${local.project}-${each.key}-alarms"]
  }

  dynamic "statement" {
    for_each = local.edge_statements[each.key]

    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = statement.value.resources

      dynamic "condition" {
        for_each = statement.value.conditions

        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

locals {
  cloudfront_arns = formatlist("arn:${local.partition}:cloudfront::${local.account_id}:%s/*", ["distribution", "vpcorigin"])
  edge_waf_arn    = "arn:${local.partition}:wafv2:us-east-1:${local.account_id}:global"
  edge_logs_arn   = "arn:${local.partition}:logs:us-east-1:${local.account_id}"

  edge_statements = {
    for environment in var.environments : environment => {
      for name, statement in {
        CreateTaggedEdge = {
          actions    = ["cloudfront:CreateDistribution", "cloudfront:CreateVpcOrigin"]
          resources  = ["*"]
          conditions = [{ test = "StringEquals", variable = "aws:RequestTag/Environment", values = [environment] }]
        }
        # CloudFront asks about tagging also while a thing is made, without saying so. What has another's tag is spared; what has
        # none is not (docs/github_role.md).
        TagEdge = {
          actions   = ["cloudfront:TagResource"]
          resources = local.cloudfront_arns
          conditions = [
            { test = "StringEquals", variable = "aws:RequestTag/Environment", values = [environment] },
            { test = "StringEqualsIfExists", variable = "aws:ResourceTag/Environment", values = [environment] },
          ]
        }
        OwnEdge = {
          actions = [
            "cloudfront:AllowVendedLogDeliveryForResource",
            "cloudfront:DeleteDistribution",
            "cloudfront:DeleteVpcOrigin",
            "cloudfront:UntagResource",
            "cloudfront:UpdateDistribution",
            "cloudfront:UpdateVpcOrigin",
          ]
          resources  = local.cloudfront_arns
          conditions = [{ test = "StringEquals", variable = "aws:ResourceTag/Environment", values = [environment] }]
        }
        Firewall = {
          actions    = ["wafv2:CreateWebACL", "wafv2:DeleteWebACL", "wafv2:TagResource", "wafv2:UntagResource", "wafv2:UpdateWebACL"]
          resources  = ["${local.edge_waf_arn}/webacl/${local.project}-${environment}/*"]
          conditions = []
        }
        # WAF asks about the rules of others that an ACL takes in as well; they belong to AWS.
        ManagedRules = {
          actions    = ["wafv2:CreateWebACL", "wafv2:UpdateWebACL"]
          resources  = ["${local.edge_waf_arn}/managedruleset/*/*"]
          conditions = []
        }
        AccessLogBucket = {
          actions = [
            "s3:CreateBucket",
            "s3:DeleteBucket",
            "s3:DeleteBucketPolicy",
            "s3:PutBucketOwnershipControls",
            "s3:PutBucketPolicy",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutBucketTagging",
            "s3:PutEncryptionConfiguration",
            "s3:PutLifecycleConfiguration",
          ]
          resources  = ["arn:${local.partition}:s3:::${local.project}-access-logs-${environment}-${local.account_id}"]
          conditions = []
        }
        AccessLogDelivery = {
          actions = [
            "logs:DeleteDeliveryDestination",
            "logs:DeleteDeliverySource",
            "logs:PutDeliveryDestination",
            "logs:PutDeliverySource",
            "logs:TagResource",
            "logs:UntagResource",
          ]
          resources  = formatlist("${local.edge_logs_arn}:%s:${local.project}-${environment}", ["delivery-destination", "delivery-source"])
          conditions = []
        }
        # A delivery has an id only; the source and the destination that it joins have names.
        CreateTaggedDelivery = {
          actions   = ["logs:CreateDelivery", "logs:TagResource"]
          resources = ["${local.edge_logs_arn}:delivery:*"]
          conditions = [
            { test = "StringEquals", variable = "aws:RequestTag/Environment", values = [environment] },
            { test = "StringEqualsIfExists", variable = "aws:ResourceTag/Environment", values = [environment] },
          ]
        }
        JoinOwnDelivery = {
          actions    = ["logs:CreateDelivery"]
          resources  = formatlist("${local.edge_logs_arn}:%s:${local.project}-${environment}", ["delivery-destination", "delivery-source"])
          conditions = []
        }
        OwnDelivery = {
          actions    = ["logs:DeleteDelivery", "logs:UntagResource", "logs:UpdateDeliveryConfiguration"]
          resources  = ["${local.edge_logs_arn}:delivery:*"]
          conditions = [{ test = "StringEquals", variable = "aws:ResourceTag/Environment", values = [environment] }]
        }
      } : name => statement if contains(var.edge_environments, environment)
    }
  }
}
