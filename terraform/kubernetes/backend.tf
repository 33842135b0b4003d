locals {
  backend_chart = "${path.module}/../../helm/backend"

  # The provider compares a chart by its version only; with this in the description, a changed template is a change.
  backend_chart_sha256 = sha256(join("", [
    for file in sort(fileset(local.backend_chart, "**")) : "${file} ${filesha256("${local.backend_chart}/${file}")}\n"
  ]))
}

resource "helm_release" "backend" {
  name        = "backend"
  namespace   = kubernetes_namespace_v1.backend.metadata[0].name
  chart       = local.backend_chart
  description = "chart sha256 ${local.backend_chart_sha256}"
  atomic      = true
  timeout     = local.release.timeout
  max_history = local.release.max_history

  values = [yamlencode(local.backend_values)]

  lifecycle {
    precondition {
      condition     = var.image_digest != null && var.image_tag != null
      error_message = "image_digest and image_tag say which image to deploy: push-image prints both."
    }

    precondition {
      condition     = local.aws.table_name == var.dynamodb_users_table_name
      error_message = "The state of the root aws has table ${local.aws.table_name}, the variables ${var.dynamodb_users_table_name}: apply aws first."
    }
  }

  # The controllers must be there when Ingress and ScaledObject come, and still be there when they go: they clear up.
  depends_on = [helm_release.load_balancer_controller, helm_release.keda]
}

locals {
  backend_values = {
    environment = var.environment

    image = {
      repository = "${local.account_id}.dkr.ecr.${var.region}.amazonaws.com"
      name       = local.project
      tag        = var.image_tag
      digest     = var.image_digest
      # A digest never means another image, so a node that has it need not ask.
      pullPolicy = "IfNotPresent"
    }

    aws = {
      accountId = local.account_id
      irsa      = { enabled = true, roleName = local.aws.irsa_role_arns["backend"] }
    }

    dynamodb = {
      endpoint = "https://dynamodb.${var.region}.amazonaws.com"
      region   = var.region
      table    = local.aws.table_name
    }

    ingress = {
      enabled           = true
      host              = var.acm_domain_name == null ? "" : var.acm_domain_name
      acmCertificateArn = var.acm_domain_name == null ? "" : local.aws.certificate_arn # an output that is null is not in the state at all
      tls               = var.acm_domain_name != null
      schemes           = { off = ["internet-facing"], both = ["internet-facing", "internal"], on = ["internal"] }[var.edge]
      prefixLists       = local.aws.edge_prefix_list_ids
    }

    hpa = {
      enabled                        = true
      minReplicas                    = var.hpa.min_replicas
      maxReplicas                    = var.hpa.max_replicas
      targetCPUUtilizationPercentage = var.hpa.target_cpu_percent
    }

    scaledObject = {
      enabled         = var.scaling.metric == "requests"
      requestsPerPod  = var.scaling.requests_per_pod
      metricNamespace = local.metric_namespace
    }

    networkPolicy = {
      enabled            = true
      ingressCidrs       = local.aws.load_balancer_cidrs
      collectorNamespace = kubernetes_namespace_v1.monitoring.metadata[0].name
    }
  }
}
