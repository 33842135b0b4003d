# The certificates of the environments that have a domain. They are made here for the same reason as the keys: ACM has no names,
# so an apply role that may tag and delete certificates could do so with any of the account's.
data "aws_route53_zone" "domain" {
  for_each = var.domains

  zone_id = each.value.zone_id
}

resource "aws_acm_certificate" "load_balancer" {
  for_each = var.domains

  domain_name       = each.value.name
  validation_method = "DNS"

  tags = { Name = each.value.name, Environment = each.key }

  lifecycle {
    # A listener uses the old one until the new one is there.
    create_before_destroy = true

    precondition {
      condition     = endswith(".${each.value.name}", ".${data.aws_route53_zone.domain[each.key].name}")
      error_message = "domains: ${each.value.name} is not in the hosted zone ${each.value.zone_id}, which is ${data.aws_route53_zone.domain[each.key].name}: name the zone that it is in."
    }
  }
}

# CloudFront takes certificates of us-east-1 only.
resource "aws_acm_certificate" "edge" {
  for_each = local.edge_domains

  region            = "us-east-1"
  domain_name       = each.value.name
  validation_method = "DNS"

  tags = { Name = each.value.name, Environment = each.key }

  lifecycle {
    create_before_destroy = true
  }
}

locals {
  edge_domains = { for environment, domain in var.domains : environment => domain if contains(var.edge_environments, environment) }

  # One name, one record: ACM asks for the same one in every region of an account.
  validation_records = { for environment, certificate in aws_acm_certificate.load_balancer : environment => one(certificate.domain_validation_options) }
}

resource "aws_route53_record" "certificate_validation" {
  for_each = var.domains

  zone_id = each.value.zone_id
  name    = local.validation_records[each.key].resource_record_name
  type    = local.validation_records[each.key].resource_record_type
  records = [local.validation_records[each.key].resource_record_value]
  ttl     = 300

  # The same name is validated by the same record, also for the next certificate.
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "load_balancer" {
  for_each = var.domains

  certificate_arn         = aws_acm_certificate.load_balancer[each.key].arn
  validation_record_fqdns = [aws_route53_record.certificate_validation[each.key].fqdn]
}

resource "aws_acm_certificate_validation" "edge" {
  for_each = local.edge_domains

  region          = "us-east-1"
  certificate_arn = aws_acm_certificate.edge[each.key].arn

  depends_on = [aws_route53_record.certificate_validation]
}
