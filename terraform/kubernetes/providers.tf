provider "aws" {
  region = var.region

  default_tags {
    tags = local.tags
  }
}

provider "kubernetes" {
  host                   = local.cluster.host
  cluster_ca_certificate = local.cluster.ca_certificate

  exec {
    api_version = local.cluster.exec.api_version
    command     = local.cluster.exec.command
    args        = local.cluster.exec.args
  }
}

provider "helm" {
  kubernetes = {
    host                   = local.cluster.host
    cluster_ca_certificate = local.cluster.ca_certificate
    exec                   = local.cluster.exec
  }
}

locals {
  # A token is fetched when it is needed and lasts 15 minutes; one read into a plan would be stale by the time of its apply.
  cluster = {
    host           = local.aws.cluster_endpoint
    ca_certificate = base64decode(local.aws.cluster_certificate_authority)

    exec = {
      api_version = "client.authentication.k8s.io/v1beta1"
      command     = "aws"
      args        = ["eks", "get-token", "--cluster-name", local.aws.cluster_name, "--region", var.region]
    }
  }
}
