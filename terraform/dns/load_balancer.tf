# The controller makes a load balancer some time after the release, under a name of its own: it is found by its tags. While the
# edge is being switched, there are two.
data "aws_lbs" "backend" {
  for_each = local.ingresses

  tags = { (local.cluster_tag.name) = local.cluster_tag.value, "ingress.k8s.aws/stack" = "${var.environment}/${each.value}" }
}

# Each that is found, so that none is no error here: a destroy must go through after the load balancer is gone.
data "aws_lb" "backend" {
  for_each = { for scheme, found in data.aws_lbs.backend : scheme => one(found.arns) if length(found.arns) == 1 }

  arn = each.value
}

locals {
  # The one that serves: with the edge, the internal one, also while the public one still is there.
  scheme        = var.edge == "off" ? "internet-facing" : "internal"
  load_balancer = try(data.aws_lb.backend[local.scheme], null)
}

# Everything here is about the load balancer, and waits for this.
resource "terraform_data" "load_balancer" {
  input = try(local.load_balancer.arn, null)

  lifecycle {
    precondition {
      condition     = local.load_balancer != null
      error_message = "Of ${local.scheme} load balancers of ${var.environment} on ${local.cluster_tag.value} there are ${length(data.aws_lbs.backend[local.scheme].arns)}, not one: apply kubernetes first, and wait until `kubectl --namespace ${var.environment} get ingress` shows an address."
    }
  }
}
