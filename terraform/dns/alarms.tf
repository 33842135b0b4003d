# Four alarms that need no cluster, from the objectives of helm/backend/values.yaml. The chart's own rules say more, and sooner.
locals {
  burn = local.objectives.burnRates[0]

  load_balancer_dimensions = { LoadBalancer = try(local.load_balancer.arn_suffix, "missing") }

  # A metric that fails no request while nobody calls: then there is no data.
  alarms = {
    errors = {
      description = "More than ${local.burn.rate} times the error budget is used up: see BackendAvailabilityBudgetBurn in docs/operations.md."
      threshold   = 100 * local.budget * local.burn.rate
      expression  = "100 * (FILL(elb, 0) + FILL(target, 0)) / requests"
      missing     = "notBreaching"
      metrics = {
        elb      = { namespace = "AWS/ApplicationELB", name = "HTTPCode_ELB_5XX_Count", dimensions = local.load_balancer_dimensions }
        target   = { namespace = "AWS/ApplicationELB", name = "HTTPCode_Target_5XX_Count", dimensions = local.load_balancer_dimensions }
        requests = { namespace = "AWS/ApplicationELB", name = "RequestCount", dimensions = local.load_balancer_dimensions }
      }
    }

    throttles = {
      description = "DynamoDB refuses requests: see BackendStoreFailing in docs/operations.md."
      threshold   = 0
      expression  = "FILL(reads, 0) + FILL(writes, 0)"
      missing     = "notBreaching"
      metrics = {
        for name, metric in { reads = "ReadThrottleEvents", writes = "WriteThrottleEvents" } :
        name => { namespace = "AWS/DynamoDB", name = metric, dimensions = { TableName = var.dynamodb_users_table_name } }
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "sum" {
  for_each = local.alarms

  alarm_name          = "${local.name}-${each.key}"
  alarm_description   = each.value.description
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  treat_missing_data  = each.value.missing
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "alarm"
    expression  = each.value.expression
    label       = each.key
    return_data = true
  }

  dynamic "metric_query" {
    for_each = each.value.metrics

    content {
      id = metric_query.key

      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.name
        dimensions  = metric_query.value.dimensions
        stat        = "Sum"
        period      = 300
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "latency" {
  alarm_name          = "${local.name}-latency"
  alarm_description   = "Answers are slower than the objective: see BackendLatencyBudgetBurn in docs/operations.md."
  namespace           = "AWS/ApplicationELB"
  metric_name         = "TargetResponseTime"
  dimensions          = local.load_balancer_dimensions
  extended_statistic  = "p${local.objectives.latency.target}"
  comparison_operator = "GreaterThanThreshold"
  threshold           = local.objectives.latency.thresholdSeconds
  period              = 300
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# The group that the load balancer sends to, found by the controller's tags as long as there is a load balancer.
data "aws_lb_target_group" "backend" {
  count = local.load_balancer == null ? 0 : 1

  tags = {
    (local.cluster_tag.name) = local.cluster_tag.value
    "ingress.k8s.aws/stack"  = local.load_balancer.tags["ingress.k8s.aws/stack"]
  }
}

resource "aws_cloudwatch_metric_alarm" "down" {
  alarm_name          = "${local.name}-down"
  alarm_description   = "No pod takes requests: see BackendDown in docs/operations.md."
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HealthyHostCount"
  dimensions          = merge(local.load_balancer_dimensions, { TargetGroup = coalesce(one(data.aws_lb_target_group.backend[*].arn_suffix), "missing") })
  statistic           = "Minimum"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 60
  evaluation_periods  = 3
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_sns_topic" "alarms" {
  name              = "${local.name}-alarms"
  kms_master_key_id = data.aws_kms_alias.cluster.target_key_arn
}

# Whoever is named here is asked to confirm by e-mail.
resource "aws_sns_topic_subscription" "email" {
  count = var.alarm_email == null ? 0 : 1

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}
