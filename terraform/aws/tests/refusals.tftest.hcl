# What is refused before anything is asked of AWS.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "a_placeholder_for_the_host_name" {
  command = plan
  variables {
    acm_domain_name = "dev-api.example.com"
  }
  expect_failures = [var.acm_domain_name]
}

run "a_placeholder_for_the_zone" {
  command = plan
  variables {
    route53_zone_id = "Z0000000000EXAMPLE"
  }
  expect_failures = [var.route53_zone_id]
}

run "an_unknown_environment" {
  command = plan
  variables {
    environment = "test"
  }
  expect_failures = [var.environment]
}

run "a_table_that_the_roles_would_not_reach" {
  command = plan
  variables {
    dynamodb_users_table_name = "users"
  }
  expect_failures = [var.dynamodb_users_table_name]
}

run "an_api_that_is_open_to_everyone" {
  command = plan
  variables {
    cluster_public_access_cidrs = ["0.0.0.0/0"]
  }
  expect_failures = [var.cluster_public_access_cidrs]
}

run "an_api_that_is_open_to_everyone_in_two_halves" {
  command = plan
  variables {
    cluster_public_access_cidrs = ["0.0.0.0/1", "128.0.0.0/1"]
  }
  expect_failures = [var.cluster_public_access_cidrs]
}

run "a_user_for_an_administrator" {
  command = plan
  variables {
    cluster_admin_role_arns = ["arn:aws:iam::123456789012:user/somebody"]
  }
  expect_failures = [var.cluster_admin_role_arns]
}

run "a_period_that_cloudwatch_does_not_offer" {
  command = plan
  variables {
    log_retention_days = 7
  }
  expect_failures = [var.log_retention_days]
}

run "a_version_that_is_not_a_minor_version" {
  command = plan
  variables {
    kubernetes_version = "1.36.1"
  }
  expect_failures = [var.kubernetes_version]
}
