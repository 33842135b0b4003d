# Stands in for terraform/dns, without a domain.
terraform {
  backend "s3" {}
}

resource "terraform_data" "record" {
  input = "dev.rehearsal.test"
}

output "url" {
  value = "http://${terraform_data.record.output}"
}
