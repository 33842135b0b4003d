# Replace the three placeholders; Terraform refuses them.
region               = "eu-west-1"
environments         = ["dev", "staging", "prod"]
github_repository    = "example/backend-cloud-app"
github_repository_id = "0"
route53_zone_ids     = ["Z0000000000EXAMPLE"]
