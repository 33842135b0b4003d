# What is refused before anything is asked of AWS.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "a_placeholder_for_the_host_name" {
  command = plan
  variables {
    acm_domain_name = "dev-api.example.com"
    route53_zone_id = "Z0123456789ABCDEFGHIJ"
  }
  expect_failures = [var.acm_domain_name]
}

run "a_placeholder_for_the_zone" {
  command = plan
  variables {
    acm_domain_name = "api.birthdays.test"
    route53_zone_id = "Z0000000000EXAMPLE"
  }
  expect_failures = [var.route53_zone_id]
}

run "a_host_without_its_zone" {
  command = plan
  variables {
    acm_domain_name = "api.birthdays.test"
    route53_zone_id = null
  }
  expect_failures = [var.route53_zone_id]
}

run "a_host_outside_its_zone" {
  command = plan
  variables {
    acm_domain_name = "api.notbirthdays.test"
    route53_zone_id = "Z0123456789ABCDEFGHIJ"
  }
  expect_failures = [data.aws_acm_certificate.backend]
}

run "a_region_without_the_zones_that_are_named" {
  command = plan
  override_data {
    target = data.aws_availability_zones.here
    values = { names = ["eu-west-1b", "eu-west-1c"] }
  }
  expect_failures = [aws_subnet.private]
}

run "an_edge_that_is_neither_on_nor_off" {
  command = plan
  variables {
    edge = "maybe"
  }
  expect_failures = [var.edge]
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

run "nodes_of_another_version_than_the_cluster" {
  command = plan
  variables {
    versions = merge(var.versions, { nodes = "1.20.6-20260818" })
  }
  expect_failures = [var.versions]
}

run "a_proxy_of_another_version_than_the_cluster" {
  command = plan
  variables {
    versions = merge(var.versions, { addons = merge(var.versions.addons, { kube-proxy = "v1.20.3-eksbuild.5" }) })
  }
  expect_failures = [var.versions]
}

run "an_autoscaler_of_another_version_than_the_cluster" {
  command = plan
  variables {
    versions = merge(var.versions, { cluster_autoscaler = "1.20.0" })
  }
  expect_failures = [var.versions]
}

run "a_version_that_is_not_a_minor_version" {
  command = plan
  variables {
    versions = merge(var.versions, {
      kubernetes         = "1.36.1"
      nodes              = "1.36.1.2-20260818"
      cluster_autoscaler = "1.36.1.1"
      addons             = merge(var.versions.addons, { kube-proxy = "v1.36.1.0-eksbuild.1" })
    })
  }
  expect_failures = [var.versions]
}

run "a_chart_that_follows_its_project" {
  command = plan
  variables {
    versions = merge(var.versions, { charts = merge(var.versions.charts, { aws-load-balancer-controller = "3.x" }) })
  }
  expect_failures = [var.versions]
}
