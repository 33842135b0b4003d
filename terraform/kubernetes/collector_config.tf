# What the collector scrapes, keeps and sends: each series that CloudWatch gets costs money, so there is none that nobody
# looks at (the dashboard of the root dns, and KEDA). tests/observability runs this with the collector's real parts.
locals {
  metric_namespace = "${local.project}/${var.environment}"

  # Metric -> the sets of labels that it is sent by, each combination a metric in CloudWatch. Sums may leave any label
  # out. Gauges may not leave out what tells their sources apart, or each scrape would add to them: only where a mean or
  # a maximum is asked for, which stays true.
  collector_metrics = {
    http_requests_total              = [["endpoint"], ["method", "endpoint"]]
    http_errors_total                = [["endpoint", "status"]]
    http_request_duration_seconds    = [["method", "endpoint"]]
    http_requests_shed_total         = [["reason"]]
    http_requests_in_flight          = [["pod"]]
    http_connections                 = [["pod"]]
    store_operation_duration_seconds = [["operation", "outcome"]]
    process_cpu_seconds_total        = [[]]
    process_resident_memory_bytes    = [[]]

    kube_deployment_spec_replicas                  = [["deployment"]]
    kube_deployment_status_replicas_available      = [["deployment"]]
    kube_horizontalpodautoscaler_spec_max_replicas = [[]]
    kube_pod_container_status_restarts_total       = [["container"]]
    kube_node_status_condition                     = [["condition"]]
  }

  # Of those, what is left out: probes and scrapes, mistakes of clients, other namespaces.
  collector_drops = [
    "not IsMatch(metric.name, \"^(${join("|", keys(local.collector_metrics))})$\")",
    "datapoint.attributes[\"endpoint\"] != nil and datapoint.attributes[\"endpoint\"] != \"/hello/{username}\"",
    "metric.name == \"http_errors_total\" and not IsMatch(datapoint.attributes[\"status\"], \"^(499|5..)$\")",
    "metric.name == \"http_request_duration_seconds\" and not IsMatch(datapoint.attributes[\"method\"], \"^(GET|PUT)$\")",
    "datapoint.attributes[\"namespace\"] != nil and datapoint.attributes[\"namespace\"] != \"${var.environment}\"",
    "metric.name == \"kube_node_status_condition\" and (datapoint.attributes[\"condition\"] != \"Ready\" or datapoint.attributes[\"status\"] != \"true\")",
  ]

  collector_config = {
    receivers = {
      prometheus = { config = { scrape_configs = [local.scrape_backend, local.scrape_kube_state_metrics] } }
    }

    processors = {
      memory_limiter = { check_interval = "5s", limit_percentage = 80, spike_limit_percentage = 25 }
      filter         = { error_mode = "ignore", metric_conditions = local.collector_drops }
      batch          = {}

      # A scrape that fails marks every series of its pod with a point without a value. metric_start_time takes that for a
      # restart, and the next scrape would add all that the pod has counted since its start once more.
      "filter/stale" = { error_mode = "ignore", metric_conditions = ["datapoint.flags == FLAG_NO_RECORDED_VALUE"] }

      # awsemf writes a histogram as it comes, so what comes must be what was added since the scrape before. The start of
      # its process tells whether the first value of a series is news: it is when the pod is younger than the collector,
      # and not when the collector was restarted.
      metric_start_time   = { strategy = "start_time_metric" }
      cumulative_to_delta = { initial_value = "auto" }
    }

    exporters = {
      awsemf = {
        region                  = var.region
        namespace               = local.metric_namespace
        log_group_name          = local.aws.metrics_log_group
        log_stream_name         = "opentelemetry-collector"
        dimension_rollup_option = "NoDimensionRollup"

        # The other methods are in the sums without a method, and nowhere else.
        metric_declarations = flatten([
          for name, sets in local.collector_metrics : [
            for dimensions in sets : {
              metric_name_selectors = ["^${name}$"]
              dimensions            = [dimensions]
              label_matchers        = contains(dimensions, "method") ? [{ label_names = ["method"], regex = "^(GET|PUT)$" }] : []
            }
          ]
        ])
      }
    }

    extensions = {
      health_check = { endpoint = "$${env:MY_POD_IP}:13133" }
    }

    service = {
      extensions = ["health_check"]
      telemetry  = { metrics = { level = "none" } }

      pipelines = {
        metrics = {
          receivers  = ["prometheus"]
          processors = ["memory_limiter", "filter/stale", "metric_start_time", "filter", "cumulative_to_delta", "batch"]
          exporters  = ["awsemf"]
        }
      }
    }
  }

  scrape_backend = {
    job_name        = "backend"
    scrape_interval = "30s"

    # Every pod, ready or not: a pod that cannot reach the store is the one to hear from.
    kubernetes_sd_configs = [{ role = "pod", namespaces = { names = [var.environment] } }]

    relabel_configs = [
      {
        action        = "keep"
        source_labels = ["__meta_kubernetes_pod_label_app_kubernetes_io_name", "__meta_kubernetes_pod_container_port_name"]
        regex         = "backend;http"
      },
      { action = "drop", source_labels = ["__meta_kubernetes_pod_phase"], regex = "Pending|Succeeded|Failed" },
      { action = "replace", source_labels = ["__meta_kubernetes_pod_name"], target_label = "pod" },
    ]
  }

  scrape_kube_state_metrics = {
    job_name        = "kube-state-metrics"
    scrape_interval = "60s"
    honor_labels    = true
    static_configs  = [{ targets = [local.kube_state_metrics] }]
  }
}
