output "url" {
  description = "Address of the service."
  value = (
    var.acm_domain_name != null ? "https://${var.acm_domain_name}" :
    local.edge ? "https://${aws_cloudfront_distribution.backend[0].domain_name}" :
    "http://${coalesce(try(local.load_balancer.dns_name, null), "missing")}"
  )
}
