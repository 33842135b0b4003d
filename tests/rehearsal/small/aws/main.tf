# Stands in for terraform/aws: a network that is there at once, and a cluster that takes its time.
terraform {
  backend "s3" {}
}

variable "environment" {}

resource "terraform_data" "network" {
  input = var.environment
}

resource "terraform_data" "cluster" {
  input = terraform_data.network.output

  provisioner "local-exec" {
    command = "sleep 4; aws eks create-cluster --name ${var.environment}-eks-cluster --role-arn arn:aws:iam::123456789012:role/cluster --resources-vpc-config subnetIds=[]"
  }

  provisioner "local-exec" {
    when = destroy
    # An earlier destroy, cut off, may have taken it away already.
    command = "aws eks delete-cluster --name ${self.input}-eks-cluster || ! aws eks describe-cluster --name ${self.input}-eks-cluster"
  }
}

output "cluster_name" {
  value = "${terraform_data.cluster.output}-eks-cluster"
}
