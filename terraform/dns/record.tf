# The host name, if there is one: an alias of the edge or, without it, of the load balancer. CloudFront speaks IPv6 as well.
resource "aws_route53_record" "backend" {
  for_each = toset(var.acm_domain_name == null ? [] : local.edge ? ["A", "AAAA"] : ["A"])

  zone_id = var.route53_zone_id
  name    = var.acm_domain_name
  type    = each.value

  # Terraform plans nothing without a load balancer (load_balancer.tf); a destroy reads this all the same, and must not fail on it.
  alias {
    name                   = coalesce(local.edge ? aws_cloudfront_distribution.backend[0].domain_name : try(local.load_balancer.dns_name, null), "missing")
    zone_id                = coalesce(local.edge ? aws_cloudfront_distribution.backend[0].hosted_zone_id : try(local.load_balancer.zone_id, null), "missing")
    evaluate_target_health = !local.edge
  }

  depends_on = [terraform_data.load_balancer]
}
