# What somebody fills in of env/staging.tfvars.
cluster_admin_role_arns = ["arn:aws:iam::123456789012:role/platform/administrators"]
acm_domain_name         = "staging-api.birthdays.test"
route53_zone_id         = "Z0123456789ABCDEFGHIJ"
alarm_email             = "on-call@birthdays.test"
