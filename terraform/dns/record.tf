resource "aws_route53_record" "backend" {
  zone_id = var.route53_zone_id
  name    = var.acm_domain_name
  type    = "A"

  alias {
    name                   = data.aws_lb.backend.dns_name
    zone_id                = data.aws_lb.backend.zone_id
    evaluate_target_health = true
  }
}
