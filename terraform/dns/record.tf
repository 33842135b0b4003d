resource "aws_route53_record" "backend" {
  zone_id = var.route53_zone_id
  name    = var.acm_domain_name
  type    = "A"

  # The precondition refuses to plan without a load balancer; a destroy reads this all the same, and must not fail on it.
  alias {
    name                   = coalesce(one(values(data.aws_lb.backend)[*].dns_name), "missing")
    zone_id                = coalesce(one(values(data.aws_lb.backend)[*].zone_id), "missing")
    evaluate_target_health = true
  }

  lifecycle {
    precondition {
      condition     = length(data.aws_lbs.backend.arns) == 1
      error_message = "Of load balancers for ${local.load_balancer_tags["ingress.k8s.aws/stack"]} on ${local.load_balancer_tags["elbv2.k8s.aws/cluster"]} there are ${length(data.aws_lbs.backend.arns)}, not one: apply kubernetes first, and wait until `kubectl --namespace ${var.environment} get ingress backend` shows an address."
    }
  }
}
