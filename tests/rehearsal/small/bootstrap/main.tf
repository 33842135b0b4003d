# Stands in for terraform/bootstrap: it makes the state bucket too.
terraform {
  backend "s3" {}
}

variable "region" {}

resource "terraform_data" "bucket" {
  provisioner "local-exec" {
    command = <<-EOT
      aws s3api create-bucket --create-bucket-configuration LocationConstraint=${var.region} \
        --bucket "backend-cloud-app-state-$(aws sts get-caller-identity --query Account --output text)-${var.region}"
      aws ecr create-repository --repository-name backend-cloud-app --image-tag-mutability IMMUTABLE
      aws ecr create-repository --repository-name charts/backend
    EOT
  }
}
