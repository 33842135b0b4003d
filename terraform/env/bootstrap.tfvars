# Replace the placeholders; Terraform refuses them.
region                = "eu-west-1"
environments          = ["dev", "staging", "prod"]
github_repository     = "example/backend-cloud-app"
github_repository_id  = "0"
github_subject_prefix = "repo:example@0/backend-cloud-app@0"
route53_zone_ids      = ["Z0000000000EXAMPLE"]
