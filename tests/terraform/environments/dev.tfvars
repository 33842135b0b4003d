# What somebody fills in of env/dev.tfvars; without a domain.
cluster_admin_role_arns = ["arn:aws:iam::123456789012:role/platform/administrators"]
alarm_email             = "on-call@birthdays.test"
