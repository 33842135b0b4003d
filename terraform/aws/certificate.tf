resource "aws_acm_certificate" "backend" {
  domain_name       = var.acm_domain_name
  validation_method = "DNS"

  tags = { Name = var.acm_domain_name }

  lifecycle {
    # A listener uses the old one until the new one is there.
    create_before_destroy = true
  }
}

locals {
  # One name, one record.
  certificate_validation = one(aws_acm_certificate.backend.domain_validation_options)
}

resource "aws_route53_record" "certificate_validation" {
  zone_id = var.route53_zone_id
  name    = local.certificate_validation.resource_record_name
  type    = local.certificate_validation.resource_record_type
  records = [local.certificate_validation.resource_record_value]
  ttl     = 300

  # The same name is validated by the same record, also for the next certificate.
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "backend" {
  certificate_arn         = aws_acm_certificate.backend.arn
  validation_record_fqdns = [aws_route53_record.certificate_validation.fqdn]
}
