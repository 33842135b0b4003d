locals {
  project = "backend-cloud-app"
  edge    = var.edge != "off"
  name    = "${local.project}-${var.environment}"

  tags = {
    Project     = local.project
    Environment = var.environment
    Root        = "dns"
    ManagedBy   = "terraform"
  }

  # The chart's Ingresses, by the scheme of their load balancers.
  ingresses = { internet-facing = "backend", internal = "backend-internal" }

  # What the load balancer controller tags with its cluster.
  cluster_tag = { name = "elbv2.k8s.aws/cluster", value = "${var.environment}-eks-cluster" }

  # The service's objectives, for alarms and dashboard; the budget is the share of requests that may fail.
  objectives = yamldecode(file("${path.module}/../../helm/backend/values.yaml")).objectives
  budget     = (100 - local.objectives.availability.target) / 100
}

data "aws_caller_identity" "current" {}
