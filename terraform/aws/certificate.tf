# The certificate of the host name, if the environment has one: the root bootstrap makes it and waits until it is validated.
data "aws_acm_certificate" "backend" {
  count = var.acm_domain_name == null ? 0 : 1

  domain      = var.acm_domain_name
  statuses    = ["ISSUED"]
  most_recent = true

  lifecycle {
    precondition {
      condition     = endswith(".${var.acm_domain_name}", ".${one(data.aws_route53_zone.domain[*].name)}")
      error_message = "acm_domain_name ${var.acm_domain_name} is not in the hosted zone ${var.route53_zone_id}, which is ${one(data.aws_route53_zone.domain[*].name)}: name the zone that it is in."
    }
  }
}

data "aws_route53_zone" "domain" {
  count = var.route53_zone_id == null ? 0 : 1

  zone_id = var.route53_zone_id
}
