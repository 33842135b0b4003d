# Replace the placeholders; Terraform refuses them.
region                = "eu-west-1"
environments          = ["dev", "staging", "prod"]
github_repository     = "example/backend-cloud-app"
github_repository_id  = "0"
github_subject_prefix = "repo:example@0/backend-cloud-app@0"

# Domains of yours, if you have any: an environment without one is reached under a name of AWS's.
# domains = { prod = { name = "api.birthdays.net", zone_id = "Z0123456789ABCDEFGHIJ" } }
domains = {}

# What the account may cost a month, and who is told.
# budget = { monthly_usd = 300, email = "on-call@birthdays.net" }
