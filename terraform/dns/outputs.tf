output "url" {
  description = "Address of the service."
  value       = "https://${aws_route53_record.backend.name}"
}
