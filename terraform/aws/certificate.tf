resource "aws_acm_certificate" "backend" {
  domain_name       = var.acm_domain_name
  validation_method = "DNS"

  tags = { Name = var.acm_domain_name }

  lifecycle {
    # A listener uses the old one until the new one is there.
    create_before_destroy = true
  }
}

resource "aws_route53_record" "certificate_validation" {
  for_each = {
    for option in aws_acm_certificate.backend.domain_validation_options : option.domain_name => option
  }

  zone_id = var.route53_zone_id
  name    = each.value.resource_record_name
  type    = each.value.resource_record_type
  records = [each.value.resource_record_value]
  ttl     = 300

  # The same name is validated by the same record, also for the next certificate.
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "backend" {
  certificate_arn         = aws_acm_certificate.backend.arn
  validation_record_fqdns = values(aws_route53_record.certificate_validation)[*].fqdn
}
