# env/bootstrap.tfvars as somebody would fill it in.
region                = "eu-west-1"
environments          = ["dev", "staging", "prod"]
github_repository     = "birthdays/backend-cloud-app"
github_repository_id  = "987654321"
github_subject_prefix = "repo:birthdays@42/backend-cloud-app@987654321"
route53_zone_ids      = ["Z0123456789ABCDEFGHIJ"]
