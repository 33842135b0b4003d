# The controller makes the load balancer some time after the release, under a name of its own: it is found by its tags.
data "aws_lbs" "backend" {
  tags = local.load_balancer_tags
}

data "aws_lb" "backend" {
  arn = one(data.aws_lbs.backend.arns)

  lifecycle {
    precondition {
      condition     = length(data.aws_lbs.backend.arns) == 1
      error_message = "Of load balancers for ${local.load_balancer_tags["ingress.k8s.aws/stack"]} on ${local.load_balancer_tags["elbv2.k8s.aws/cluster"]} there are ${length(data.aws_lbs.backend.arns)}, not one: apply kubernetes first, and wait until `kubectl --namespace ${var.environment} get ingress backend` shows an address."
    }
  }
}
