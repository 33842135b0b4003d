# The runner for GitHub's jobs in a private network: off by itself, and then for our workflows only.

mock_provider "aws" {
  source = "./tests/mocks"
}

override_data {
  target = data.aws_codestarconnections_connection.github
  values = { arn = "arn:aws:codestar-connections:eu-west-1:123456789012:connection/1" }
}

run "there_is_none_by_itself" {
  assert {
    condition     = length(aws_codebuild_project.runner) + length(aws_codebuild_webhook.runner) + length(aws_security_group.runner) == 0
    error_message = "nothing of it"
  }
}

run "it_runs_in_the_private_network_for_our_workflows_and_nobody_reaches_it" {
  variables {
    environments = {
      (var.environment) = {
        vpc_cidr            = "10.10.0.0/16"
        zones               = ["a", "b"]
        nat_gateways        = "single"
        deletion_protection = false
        codebuild_runner    = true
        nodes               = { instance_types = ["t4g.medium"], min = 2, desired = 2, max = 3 }
      }
    }
  }

  assert {
    condition     = aws_codebuild_project.runner[var.environment].name == "backend-cloud-app-${var.environment}"
    error_message = "the name in the workflows' label"
  }

  assert {
    condition     = toset(aws_codebuild_project.runner[var.environment].vpc_config[0].subnets) == toset(values(aws_subnet.private)[*].id)
    error_message = "the private subnets"
  }

  assert {
    condition = flatten([for group in aws_codebuild_webhook.runner[var.environment].filter_group : [for filter in group.filter : "${filter.type} ${filter.pattern}"]]) == [
      "EVENT WORKFLOW_JOB_QUEUED", "WORKFLOW_NAME ^(deploy|stage|drift)$",
    ]
    error_message = "jobs of our workflows only, in one group: all filters hold"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.runner[var.environment].referenced_security_group_id == aws_security_group.runner[var.environment].id
    error_message = "the cluster's API lets it in"
  }
}
