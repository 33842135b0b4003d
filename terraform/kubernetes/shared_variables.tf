# tflint-ignore-file: terraform_unused_declarations

# One of three copies: terraform/aws, terraform/kubernetes and terraform/dns hold the same file, and tests/terraform/ci fails when
# one differs. All three declare all of env/<environment>.tfvars, so Terraform warns of a misspelt name, and of nothing else.

variable "environment" {
  description = "dev, staging or prod. It is also the workspace."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "environment must be dev, staging or prod."
  }

  validation {
    condition     = terraform.workspace == var.environment
    error_message = "The workspace is ${terraform.workspace}, but the variables are of ${var.environment}: run `terraform workspace select -or-create ${var.environment}` first."
  }
}

variable "region" {
  description = "Region of the environment."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be the name of an AWS region, as eu-west-1."
  }
}

variable "dynamodb_users_table_name" {
  description = "Name of the table that maps usernames to birth dates, as dev-users."
  type        = string
  nullable    = false

  validation {
    condition     = var.dynamodb_users_table_name == "${var.environment}-users"
    error_message = "dynamodb_users_table_name must be ${var.environment}-users: the roles of an environment reach tables of that name only."
  }
}

variable "acm_domain_name" {
  description = "Host name of the service, as in env/bootstrap.tfvars; null for a name of AWS's."
  type        = string
  default     = null

  validation {
    condition     = var.acm_domain_name == null || can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.acm_domain_name)) && !can(regex("(^|\\.)example\\.(com|net|org)$", var.acm_domain_name))
    error_message = "acm_domain_name must be a host name of your own, in lower case; replace the placeholder in env/${var.environment}.tfvars."
  }
}

variable "route53_zone_id" {
  description = "Id of the Route53 hosted zone that the host name is in; null without one."
  type        = string
  default     = null

  validation {
    condition     = (var.route53_zone_id == null) == (var.acm_domain_name == null)
    error_message = "route53_zone_id and acm_domain_name belong together: name both, or neither."
  }

  validation {
    condition     = var.route53_zone_id == null || (can(regex("^Z[A-Z0-9]{5,31}$", var.route53_zone_id)) && !strcontains(coalesce(var.route53_zone_id, "-"), "EXAMPLE"))
    error_message = "route53_zone_id must be a hosted zone id, as Z0123456789ABCDEFGHIJ; replace the placeholder in env/${var.environment}.tfvars."
  }
}

variable "cluster_admin_role_arns" {
  description = "Roles of the people who administer the cluster with kubectl or apply from a laptop, besides the pipeline's apply role."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.cluster_admin_role_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/", arn))])
    error_message = "cluster_admin_role_arns must hold ARNs of IAM roles, as arn:aws:iam::<account>:role/<name>."
  }
}

variable "cluster_public_access_cidrs" {
  description = "Networks that may reach the cluster's API over the internet. Empty: only the VPC reaches it."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([
      for cidr in var.cluster_public_access_cidrs : can(cidrnetmask(cidr)) && tonumber(split("/", cidr)[1]) >= 8
    ])
    error_message = "cluster_public_access_cidrs must hold IPv4 networks of /8 or narrower: the API is never open to everyone."
  }
}

variable "edge" {
  description = "CloudFront before an internal load balancer: on, off (the load balancer is public), or both for the time of a switch."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["on", "off", "both"], var.edge)
    error_message = "edge must be on, off or both."
  }

  validation {
    condition     = var.edge == "on" || var.acm_domain_name != null || var.environment == "dev"
    error_message = "Without acm_domain_name, ${var.environment} has no certificate for a public load balancer: set edge to on, or name a domain. Plain HTTP is for dev only."
  }
}

variable "alarm_email" {
  description = "Address that alarms are sent to, once it has confirmed; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_email == null || can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", var.alarm_email))
    error_message = "alarm_email must be an e-mail address."
  }
}

variable "versions" {
  description = "Version of everything that others release: it moves by a commit, in one environment at a time."
  type = object({
    kubernetes         = string
    nodes              = string
    cluster_autoscaler = string
    addons             = object({ coredns = string, kube-proxy = string, metrics-server = string, vpc-cni = string })
    charts = object({
      aws-load-balancer-controller = string
      cluster-autoscaler           = string
      keda                         = string
      kube-state-metrics           = string
      opentelemetry-collector      = string
    })
  })
  nullable = false

  validation {
    condition     = can(regex("^1\\.[0-9]{2}$", var.versions.kubernetes))
    error_message = "versions.kubernetes must be a minor version, as 1.36."
  }

  validation {
    condition     = can(regex("^1\\.[0-9]{2}\\.[0-9]+-[0-9]{8}$", var.versions.nodes)) && startswith(var.versions.nodes, "${var.versions.kubernetes}.")
    error_message = "versions.nodes ${var.versions.nodes} is not an AMI release of Kubernetes ${var.versions.kubernetes}, as ${var.versions.kubernetes}.2-20260818."
  }

  validation {
    condition     = startswith(var.versions.cluster_autoscaler, "${var.versions.kubernetes}.")
    error_message = "versions.cluster_autoscaler ${var.versions.cluster_autoscaler} is not of Kubernetes ${var.versions.kubernetes}."
  }

  validation {
    condition     = startswith(var.versions.addons.kube-proxy, "v${var.versions.kubernetes}.")
    error_message = "versions.addons.kube-proxy ${var.versions.addons.kube-proxy} is not of Kubernetes ${var.versions.kubernetes}."
  }

  validation {
    condition     = alltrue([for version in values(var.versions.addons) : can(regex("^v[0-9]+\\.[0-9]+\\.[0-9]+-eksbuild\\.[0-9]+$", version))])
    error_message = "versions.addons must be versions of EKS add-ons, as v1.14.3-eksbuild.16: `aws eks describe-addon-versions` lists them."
  }

  validation {
    condition     = alltrue([for version in values(var.versions.charts) : can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+$", version))])
    error_message = "versions.charts must be whole versions, as 3.5.0."
  }
}
