# What is refused before anything is asked of AWS.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "a_placeholder_for_the_repository" {
  command = plan
  variables {
    github_repository = "example/backend-cloud-app"
  }
  expect_failures = [var.github_repository]
}

run "a_placeholder_for_the_repository_id" {
  command = plan
  variables {
    github_repository_id = "0"
  }
  expect_failures = [var.github_repository_id]
}

run "a_placeholder_for_a_domain" {
  command = plan
  variables {
    domains = { dev = { name = "dev-api.example.com", zone_id = "Z0123456789ABCDEFGHIJ" } }
  }
  expect_failures = [var.domains]
}

run "a_placeholder_for_a_zone" {
  command = plan
  variables {
    domains = { dev = { name = "dev-api.birthdays.test", zone_id = "Z0000000000EXAMPLE" } }
  }
  expect_failures = [var.domains]
}

run "a_host_outside_its_zone" {
  command = plan
  variables {
    domains = { dev = { name = "api.notbirthdays.test", zone_id = "Z0123456789ABCDEFGHIJ" } }
  }
  expect_failures = [aws_acm_certificate.load_balancer]
}

run "a_budget_of_nothing" {
  command = plan
  variables {
    budget = { monthly_usd = 0, email = "on-call@birthdays.test" }
  }
  expect_failures = [var.budget]
}

run "a_subject_with_a_wildcard" {
  command = plan
  variables {
    github_subject_prefix = "repo:birthdays@42/*"
  }
  expect_failures = [var.github_subject_prefix]
}

run "a_subject_without_ids" {
  command = plan
  variables {
    github_subject_prefix = "repo:birthdays/backend-cloud-app"
  }
  expect_failures = [var.github_subject_prefix]
}

run "a_subject_of_another_repository" {
  command = plan
  variables {
    github_subject_prefix = "repo:birthdays@42/frontend@7"
  }
  expect_failures = [var.github_subject_prefix]
}

run "a_placeholder_for_the_subject" {
  command = plan
  variables {
    github_subject_prefix = "repo:example@0/backend-cloud-app@0"
  }
  expect_failures = [var.github_subject_prefix]
}

run "another_identity_provider" {
  command = plan
  variables {
    github_oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/accounts.google.com"
  }
  expect_failures = [var.github_oidc_provider_arn]
}

run "an_unknown_environment" {
  command = plan
  variables {
    environments = ["dev", "test"]
    domains      = {}
  }
  expect_failures = [var.environments]
}
