# Stands in for terraform/kubernetes: it reads the state of aws, and its controller makes a load balancer.
terraform {
  backend "s3" {}
}

variable "environment" {}
variable "region" {}
variable "state_bucket" {}
variable "image_tag" { default = null }
variable "image_digest" { default = null }

resource "terraform_data" "release" {
  input = [var.image_tag, var.image_digest]
}

output "image" {
  value = terraform_data.release.output
}
