locals {
  # Name of a metric (a regular expression) -> labels that it is kept by. CloudWatch bills each combination as a metric,
  # so a label that is not here is summed over: pods, for one.
  collector_metrics = {
    "^http_requests_total$"                                       = [["method", "endpoint"]]
    "^http_errors_total$"                                         = [["endpoint", "status"]]
    "^http_request_duration_seconds$"                             = [["endpoint"]]
    "^http_requests_in_flight$"                                   = [[]]
    "^store_operation_duration_seconds$"                          = [["operation", "outcome"]]
    "^kube_deployment_(spec_replicas|status_replicas_available)$" = [["namespace", "deployment"]]
    "^kube_horizontalpodautoscaler_status_current_replicas$"      = [["namespace", "horizontalpodautoscaler"]]
    "^kube_pod_container_status_restarts_total$"                  = [["namespace"]]
    "^kube_node_status_condition$"                                = [["condition", "status"]]
  }

  collector_config = {
    receivers = {
      prometheus = { config = { scrape_configs = [local.scrape_backend, local.scrape_kube_state_metrics] } }
    }

    processors = {
      memory_limiter = { check_interval = "5s", limit_percentage = 80, spike_limit_percentage = 25 }
      batch          = {}

      filter = {
        error_mode = "ignore"
        metrics    = { include = { match_type = "regexp", metric_names = keys(local.collector_metrics) } }
      }
    }

    exporters = {
      awsemf = {
        region                  = var.region
        namespace               = "${local.project}/${var.environment}"
        log_group_name          = local.aws.metrics_log_group
        log_stream_name         = "opentelemetry-collector"
        dimension_rollup_option = "NoDimensionRollup"

        metric_declarations = [
          for pattern, dimensions in local.collector_metrics : { metric_name_selectors = [pattern], dimensions = dimensions }
        ]
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
          processors = ["memory_limiter", "filter", "batch"]
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
    static_configs  = [{ targets = ["kube-state-metrics.${kubernetes_namespace_v1.monitoring.metadata[0].name}.svc:8080"] }]
  }
}
