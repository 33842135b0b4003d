# What the CodeBuild runners need, where they are asked for.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "there_is_none_by_itself" {
  command = plan
  assert {
    condition     = length(aws_codestarconnections_connection.github) + length(aws_iam_role.runner) + length(aws_iam_role_policy.apply_runner) == 0
    error_message = "nothing of it"
  }
}

run "its_role_writes_logs_joins_the_network_and_is_the_projects_alone" {
  variables {
    codebuild_runner = true
  }

  assert {
    condition     = data.aws_iam_policy_document.runner_trust["dev"].statement[0].condition == toset([{ test = "StringEquals", variable = "aws:SourceArn", values = tolist(["arn:aws:codebuild:eu-west-1:123456789012:project/backend-cloud-app-dev"]) }])
    error_message = "the one project of the environment"
  }

  assert {
    condition = toset(flatten([for statement in data.aws_iam_policy_document.runner["dev"].statement : [for action in statement.actions : split(":", action)[0]]])) == toset([
      "codestar-connections", "ec2", "logs",
    ])
    error_message = "no role, no state, no secret"
  }
}
