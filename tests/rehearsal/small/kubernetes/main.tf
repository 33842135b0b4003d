# Stands in for terraform/kubernetes: it reads the state of aws, and its controller makes a load balancer.
terraform {
  backend "s3" {}
}

variable "environment" {
  type = string
}

variable "region" {
  type = string
}

variable "state_bucket" {
  type = string
}

variable "image_tag" {
  type    = string
  default = null
}

variable "image_digest" {
  type    = string
  default = null
}

resource "terraform_data" "release" {
  input = [var.image_tag, var.image_digest]
}

output "image" {
  value = terraform_data.release.output
}
