# Stands in for terraform/dns.
terraform {
  backend "s3" {}
}

variable "acm_domain_name" {
  type = string
}

resource "terraform_data" "record" {
  input = var.acm_domain_name
}

output "url" {
  value = "https://${terraform_data.record.output}"
}
