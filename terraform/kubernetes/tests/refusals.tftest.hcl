# What is refused before anything is installed; the shared variables are tested in ../../aws/tests. The state's literals are
# dev's, as in release.tftest.hcl.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

mock_provider "kubernetes" {}

mock_provider "helm" {}

variables {
  state_bucket = "backend-cloud-app-state-123456789012-eu-west-1"
  image_digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  image_tag    = "0123456789abcdef0123456789abcdef01234567"
}

override_data {
  target = data.terraform_remote_state.aws
  values = {
    outputs = {
      cluster_name                  = "dev-eks-cluster"
      cluster_endpoint              = "https://mock.eu-west-1.eks.amazonaws.com"
      cluster_certificate_authority = "bW9jaw=="
      cluster_version               = "1.36"
      vpc_id                        = "vpc-0123456789abcdef0"
      load_balancer_cidrs           = ["10.10.240.0/24"]
      edge_prefix_list_ids          = []
      table_name                    = "dev-users"
      certificate_arn               = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
      metrics_log_group             = "/aws/eks/dev-eks-cluster/metrics"
      irsa_role_arns                = { backend = "a", load-balancer-controller = "b", cluster-autoscaler = "c", collector = "d" }
    }
  }
}

run "a_state_of_another_environment_and_an_autoscaler_of_another_version" {
  command = plan
  override_data {
    target = data.terraform_remote_state.aws
    values = {
      outputs = {
        cluster_name                  = "other-eks-cluster"
        cluster_endpoint              = "https://mock.eu-west-1.eks.amazonaws.com"
        cluster_certificate_authority = "bW9jaw=="
        cluster_version               = "1.35"
        vpc_id                        = "vpc-0123456789abcdef0"
        load_balancer_cidrs           = ["10.10.240.0/24"]
        edge_prefix_list_ids          = []
        table_name                    = "other-users"
        certificate_arn               = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
        metrics_log_group             = "/aws/eks/other-eks-cluster/metrics"
        irsa_role_arns                = { backend = "a", load-balancer-controller = "b", cluster-autoscaler = "c", collector = "d" }
      }
    }
  }

  expect_failures = [helm_release.backend, helm_release.cluster_autoscaler]
}

run "a_bucket_of_another_name" {
  command = plan
  variables {
    state_bucket = "somebody-elses-bucket"
  }
  expect_failures = [var.state_bucket]
}

run "a_digest_that_is_not_one" {
  command = plan
  variables {
    image_digest = "sha256:0123"
  }
  expect_failures = [var.image_digest]
}

run "a_tag_that_moves" {
  command = plan
  variables {
    image_tag = "latest"
  }
  expect_failures = [var.image_tag]
}

run "fewer_pods_at_most_than_at_least" {
  command = plan
  variables {
    hpa = { min_replicas = 3, max_replicas = 2 }
  }
  expect_failures = [var.hpa]
}

run "scaling_by_what_nobody_measures" {
  command = plan
  variables {
    scaling = { metric = "memory" }
  }
  expect_failures = [var.scaling]
}
