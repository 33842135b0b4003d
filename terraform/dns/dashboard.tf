# What a deployed environment looks like: the figures that the collector sends (terraform/kubernetes/collector_config.tf; a
# test holds the two together), and the load balancer's. Grafana's dashboard, for those who run Prometheus, is the chart's.
resource "aws_cloudwatch_dashboard" "backend" {
  dashboard_name = "${var.environment}-backend"

  dashboard_body = jsonencode({
    start = "-PT3H"
    widgets = [
      for number, title in keys(local.widgets) : {
        type   = "metric"
        x      = 8 * (number % 3)
        y      = 6 * floor(number / 3)
        width  = 8
        height = 6
        properties = merge(
          { title = trimspace(substr(title, 2, -1)), region = var.region, view = "timeSeries", period = 60 },
          local.widgets[title],
        )
      }
    ]
  })
}

locals {
  metric_namespace = "${local.tags.Project}/${var.environment}"
  route            = ["endpoint", "/hello/{username}"]

  # By title, with a letter before it for the order.
  widgets = {
    "a Requests a minute" = { stat = "Sum", metrics = [
      for method in ["GET", "PUT"] : concat([local.metric_namespace, "http_requests_total"], local.route, ["method", method])
    ] }

    "b Errors a minute (499: the client left)" = { stat = "Sum", metrics = [
      for status in ["499", "500", "503"] : concat([local.metric_namespace, "http_errors_total"], local.route, ["status", status])
    ] }

    "c Latency: means by method, p99 of the load balancer" = {
      metrics = concat(
        [for method in ["GET", "PUT"] : concat([local.metric_namespace, "http_request_duration_seconds"], local.route, ["method", method, { stat = "Average" }])],
        [for balancer in data.aws_lb.backend : ["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", balancer.arn_suffix, { stat = "p99" }]],
      )
      annotations = { horizontal = [{ label = "objective", value = local.objectives.latency.thresholdSeconds }] }
    }

    "d Error budget left, of the time shown (percent)" = { metrics = concat(local.share_of_errors, [
      [{ expression = "100 * (1 - RUNNING_SUM(bad) / (${local.budget} * RUNNING_SUM(all)))", label = "left" }],
    ]) }

    "e Burn rate over 5 minutes" = {
      period  = 300
      metrics = concat(local.share_of_errors, [[{ expression = "bad / all / ${local.budget}", label = "burn" }]])
      annotations = { horizontal = [
        for burn in local.objectives.burnRates : { label = "${burn.severity}, ${burn.longWindow}", value = burn.rate }
      ] }
    }

    "f Store latency, mean by outcome" = { stat = "Average", metrics = local.store }

    "g Store calls a minute by outcome" = { stat = "SampleCount", metrics = local.store }

    "h In flight and connections by pod" = { metrics = [
      for metric in ["http_requests_in_flight", "http_connections"] :
      [{ expression = "SEARCH('{\"${local.metric_namespace}\",pod} MetricName=\"${metric}\"', 'Maximum', 60)", label = "${metric} $${PROP('Dim.pod')}" }]
    ] }

    "i Shed a minute" = { stat = "Sum", metrics = [
      for reason in ["requests", "bodies"] : [local.metric_namespace, "http_requests_shed_total", "reason", reason]
    ] }

    "j Replicas" = { stat = "Maximum", metrics = [
      [local.metric_namespace, "kube_deployment_status_replicas_available", "deployment", "backend"],
      [local.metric_namespace, "kube_deployment_spec_replicas", "deployment", "backend"],
      [local.metric_namespace, "kube_horizontalpodautoscaler_spec_max_replicas"],
    ] }

    "k CPU of all pods (cores)" = { metrics = [
      [local.metric_namespace, "process_cpu_seconds_total", { id = "seconds", stat = "Sum", visible = false }],
      [{ expression = "seconds / PERIOD(seconds)", label = "cores" }],
    ] }

    "l Memory of the largest pod" = { stat = "Maximum", metrics = [[local.metric_namespace, "process_resident_memory_bytes"]] }

    "m Restarts, and the share of nodes that are ready" = { metrics = [
      [local.metric_namespace, "kube_pod_container_status_restarts_total", "container", "backend", { stat = "Sum" }],
      [local.metric_namespace, "kube_node_status_condition", "condition", "Ready", { stat = "Average", yAxis = "right" }],
    ] }
  }

  # Hidden: what failed, of what there was.
  share_of_errors = concat(
    [concat([local.metric_namespace, "http_requests_total"], local.route, [{ id = "all", stat = "Sum", visible = false }])],
    [for status in ["500", "503"] : concat([local.metric_namespace, "http_errors_total"], local.route, ["status", status, { id = "e${status}", stat = "Sum", visible = false }])],
    [[{ expression = "FILL(e500, 0) + FILL(e503, 0)", id = "bad", visible = false }]],
  )

  store = [
    for pair in setproduct(["get", "put"], ["ok", "unavailable", "failed", "cancelled"]) :
    [local.metric_namespace, "store_operation_duration_seconds", "operation", pair[0], "outcome", pair[1]]
  ]
}
