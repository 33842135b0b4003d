# The release of an environment. What the root aws made can be given in literals only, so this is written for dev, and
# tests/terraform/run writes the environment's name for dev, here and in backend_values.json, for the others. CI gives the same
# values to the chart (tests/terraform/test_contract.py).

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

mock_provider "kubernetes" {}

mock_provider "helm" {}

variables {
  state_bucket = "backend-cloud-app-state-123456789012-eu-west-1"
  image_digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  image_tag    = "0123456789abcdef0123456789abcdef01234567"

  # In the middle of a switch, so that both load balancers are there.
  edge            = "both"
  acm_domain_name = "dev-api.birthdays.test"
  route53_zone_id = "Z0123456789ABCDEFGHIJ"
}

override_data {
  target = data.terraform_remote_state.aws
  values = {
    outputs = {
      cluster_name                  = "dev-eks-cluster"
      cluster_endpoint              = "https://mock.eu-west-1.eks.amazonaws.com"
      cluster_certificate_authority = "bW9jaw=="
      cluster_version               = "1.36"
      vpc_id                        = "vpc-0123456789abcdef0"
      load_balancer_cidrs           = ["10.10.240.0/24", "10.10.241.0/24"]
      edge_prefix_list_ids          = ["pl-4fa04526"]
      table_name                    = "dev-users"
      certificate_arn               = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
      metrics_log_group             = "/aws/eks/dev-eks-cluster/metrics"
      irsa_role_arns = {
        backend                  = "arn:aws:iam::123456789012:role/dev-backend-irsa-role"
        cluster-autoscaler       = "arn:aws:iam::123456789012:role/dev-cluster-autoscaler-irsa-role"
        collector                = "arn:aws:iam::123456789012:role/dev-collector-irsa-role"
        keda                     = "arn:aws:iam::123456789012:role/dev-keda-irsa-role"
        load-balancer-controller = "arn:aws:iam::123456789012:role/dev-load-balancer-controller-irsa-role"
      }
    }
  }
}

run "the_backend_is_released_by_digest_with_what_aws_made" {
  assert {
    condition     = helm_release.backend.name == "backend" && helm_release.backend.namespace == var.environment && output.namespace == var.environment
    error_message = "release backend in the environment's namespace"
  }

  assert {
    condition     = jsonencode(yamldecode(helm_release.backend.values[0])) == jsonencode(jsondecode(file("tests/backend_values.json")))
    error_message = "every value is the environment's own"
  }

  assert {
    condition     = helm_release.backend.atomic && can(regex("^chart sha256 [0-9a-f]{64}$", helm_release.backend.description))
    error_message = "a failed release is undone, and a changed template is a change"
  }
}

run "behind_the_edge_there_is_the_internal_load_balancer_only" {
  command = plan
  variables {
    edge = "on"
  }

  assert {
    condition     = local.backend_values.ingress.schemes == ["internal"] && local.backend_values.ingress.prefixLists == ["pl-4fa04526"] && local.backend_values.ingress.tls
    error_message = "reached by CloudFront alone, by TLS"
  }
}

run "without_the_edge_there_is_the_public_one_only" {
  command = plan
  variables {
    edge = "off"
  }

  assert {
    condition     = local.backend_values.ingress.schemes == ["internet-facing"]
    error_message = "reached by everybody"
  }
}

run "without_a_domain_there_is_no_certificate_and_no_host" {
  command = plan
  variables {
    edge            = "on"
    acm_domain_name = null
    route53_zone_id = null
  }

  assert {
    condition     = local.backend_values.ingress.host == "" && local.backend_values.ingress.acmCertificateArn == "" && !local.backend_values.ingress.tls
    error_message = "every host, and HTTP to the load balancer"
  }
}

run "no_load_balancer_speaks_tls_before_1_2" {
  command = plan

  assert {
    condition     = yamldecode(helm_release.load_balancer_controller.values[0]).defaultSSLPolicy == "ELBSecurityPolicy-TLS13-1-2-2021-06" && !strcontains(yamlencode(local.backend_values), "ssl-policy")
    error_message = "TLS 1.3 and 1.2, for every Ingress"
  }
}

run "the_charts_have_the_versions_of_the_settings" {
  command = plan

  assert {
    condition = { for release in [helm_release.load_balancer_controller, helm_release.cluster_autoscaler, helm_release.kube_state_metrics, helm_release.collector] : release.chart => release.version } == {
      for chart, version in var.versions.charts : chart => version if chart != "keda"
    }
    error_message = "each its own"
  }
}

run "the_namespaces_enforce_pod_security" {
  assert {
    condition = alltrue([
      for namespace in [kubernetes_namespace_v1.backend, kubernetes_namespace_v1.monitoring] :
      namespace.metadata[0].labels["pod-security.kubernetes.io/enforce"] == "restricted"
    ])
    error_message = "restricted"
  }

  assert {
    condition     = kubernetes_namespace_v1.backend.metadata[0].labels["elbv2.k8s.aws/pod-readiness-gate-inject"] == "enabled"
    error_message = "a pod is ready when the load balancer says so"
  }
}

run "each_service_account_is_the_one_that_its_role_trusts" {
  assert {
    condition = jsonencode([
      for values in [
        yamldecode(helm_release.load_balancer_controller.values[0]).serviceAccount,
        yamldecode(helm_release.cluster_autoscaler.values[0]).rbac.serviceAccount,
        yamldecode(helm_release.collector.values[0]).serviceAccount,
      ] : [values.name, values.annotations["eks.amazonaws.com/role-arn"]]
      ]) == jsonencode([
      ["aws-load-balancer-controller", "arn:aws:iam::123456789012:role/${var.environment}-load-balancer-controller-irsa-role"],
      ["cluster-autoscaler", "arn:aws:iam::123456789012:role/${var.environment}-cluster-autoscaler-irsa-role"],
      ["opentelemetry-collector", "arn:aws:iam::123456789012:role/${var.environment}-collector-irsa-role"],
    ])
    error_message = "names as in ../aws/irsa.tf"
  }

  assert {
    condition     = helm_release.load_balancer_controller.namespace == "kube-system" && helm_release.cluster_autoscaler.namespace == "kube-system" && helm_release.collector.namespace == "monitoring"
    error_message = "namespaces as in ../aws/irsa.tf"
  }
}

run "the_collector_scrapes_every_backend_pod_and_kube_state_metrics" {
  assert {
    condition     = local.scrape_backend.kubernetes_sd_configs == [{ role = "pod", namespaces = { names = [var.environment] } }]
    error_message = "pods are discovered, not listed"
  }

  assert {
    condition     = alltrue([for reference in local.collector_config.service.pipelines.metrics.receivers : contains(keys(local.collector_config.receivers), reference)]) && alltrue([for reference in local.collector_config.service.pipelines.metrics.processors : contains(keys(local.collector_config.processors), reference)])
    error_message = "the pipeline is made of what is configured"
  }

  assert {
    condition     = local.collector_config.exporters.awsemf.log_group_name == "/aws/eks/${var.environment}-eks-cluster/metrics"
    error_message = "the log group that the collector's role may write to"
  }
}

run "by_cpu_there_is_no_keda" {
  assert {
    condition     = length(helm_release.keda) == 0 && length(kubernetes_namespace_v1.keda) == 0
    error_message = "KEDA only where it is asked for"
  }

  assert {
    condition     = yamldecode(helm_release.collector.values[0]).rollout.strategy == "Recreate"
    error_message = "never two collectors, which would count twice"
  }
}

run "by_requests_keda_reads_metrics_with_its_role_and_the_release_asks_it" {
  variables {
    scaling = { metric = "requests", requests_per_pod = 12000 }
  }

  assert {
    condition     = helm_release.keda[0].namespace == "keda" && yamldecode(helm_release.keda[0].values[0]).podIdentity.aws.irsa.roleArn == "arn:aws:iam::123456789012:role/dev-keda-irsa-role"
    error_message = "in the namespace and with the role of ../aws/irsa.tf"
  }

  assert {
    condition     = yamldecode(helm_release.backend.values[0]).scaledObject == { enabled = true, requestsPerPod = 12000, metricNamespace = local.collector_config.exporters.awsemf.namespace }
    error_message = "the release asks for what the collector sends"
  }
}

# There is no CPU limit, so pods may use more than they ask for.
run "the_cpu_target_may_be_over_the_request" {
  command = plan
  variables {
    hpa = { target_cpu_percent = 150 }
  }

  assert {
    condition     = yamldecode(helm_release.backend.values[0]).hpa.targetCPUUtilizationPercentage == 150
    error_message = "the chart gets the target"
  }
}
