# Read by the roots aws, kubernetes and dns. Replace the two placeholders; Terraform refuses
# them. To deploy from a laptop, fill in both lists below as well.
environment               = "dev"
region                    = "eu-west-1"
dynamodb_users_table_name = "dev-users"
acm_domain_name           = "dev-api.example.com"
route53_zone_id           = "Z0000000000EXAMPLE"

# People who administer the cluster, as role ARNs; the pipeline's own roles need no entry.
cluster_admin_role_arns = []

# Networks that may reach the cluster's API over the internet, as "203.0.113.7/32". Empty: only from inside the VPC.
cluster_public_access_cidrs = []
