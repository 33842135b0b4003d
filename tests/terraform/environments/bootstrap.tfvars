# What somebody fills in of env/bootstrap.tfvars; dev has no domain.
github_repository     = "birthdays/backend-cloud-app"
github_repository_id  = "987654321"
github_subject_prefix = "repo:birthdays@42/backend-cloud-app@987654321"
budget                = { monthly_usd = 300, email = "on-call@birthdays.test" }
domains = {
  staging = { name = "staging-api.birthdays.test", zone_id = "Z0123456789ABCDEFGHIJ" }
  prod    = { name = "prod-api.birthdays.test", zone_id = "Z0123456789ABCDEFGHIJ" }
}
