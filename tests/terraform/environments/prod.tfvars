# env/prod.tfvars as somebody would fill it in.
environment                 = "prod"
region                      = "eu-west-1"
dynamodb_users_table_name   = "prod-users"
acm_domain_name             = "prod-api.birthdays.test"
route53_zone_id             = "Z0123456789ABCDEFGHIJ"
cluster_admin_role_arns     = ["arn:aws:iam::123456789012:role/platform/administrators"]
cluster_public_access_cidrs = []
