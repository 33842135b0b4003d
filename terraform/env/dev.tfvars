# Read by the roots aws, kubernetes and dns. To deploy from a laptop, fill in the first two lists.
environment               = "dev"
region                    = "eu-west-1"
dynamodb_users_table_name = "dev-users"

# People who administer the cluster, as role ARNs; the pipeline's own roles need no entry.
cluster_admin_role_arns = []

# Networks that may reach the cluster's API over the internet, as "203.0.113.7/32". Empty: only from inside the VPC.
cluster_public_access_cidrs = []

# Off: plain HTTP on the load balancer's own name. On: HTTPS on CloudFront's own name (and dev among bootstrap's edge_environments).
edge = "off"

# With a domain, as in bootstrap.tfvars, the service is reached under it; without, under a name of AWS's.
# acm_domain_name = "dev-api.birthdays.net"
# route53_zone_id = "Z0123456789ABCDEFGHIJ"

# Who hears of alarms.
# alarm_email = "on-call@birthdays.net"

# Raised in dev first, then in staging, then in prod: docs/operations.md.
versions = {
  kubernetes         = "1.36"
  nodes              = "1.36.2-20260818"
  cluster_autoscaler = "1.36.1"

  addons = {
    coredns        = "v1.14.3-eksbuild.16"
    kube-proxy     = "v1.36.0-eksbuild.21"
    metrics-server = "v0.8.1-eksbuild.10"
    vpc-cni        = "v1.22.4-eksbuild.3"
  }

  charts = {
    aws-load-balancer-controller = "3.5.0"
    cluster-autoscaler           = "9.59.0"
    keda                         = "2.20.2"
    kube-state-metrics           = "8.4.0"
    opentelemetry-collector      = "0.170.0"
  }
}
