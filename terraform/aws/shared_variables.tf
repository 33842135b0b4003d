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
  description = "Host name of the service: on the certificate, in the Ingress and in Route53."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.acm_domain_name)) && !can(regex("(^|\\.)example\\.(com|net|org)$", var.acm_domain_name))
    error_message = "acm_domain_name must be a host name of your own, in lower case; replace the placeholder in env/${var.environment}.tfvars."
  }
}

variable "route53_zone_id" {
  description = "Id of the Route53 hosted zone that the host name is in."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^Z[A-Z0-9]{5,31}$", var.route53_zone_id)) && !strcontains(var.route53_zone_id, "EXAMPLE")
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
