variable "region" {
  description = "Region of the state bucket, the image repositories and the clusters."
  type        = string
  default     = "eu-west-1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be the name of an AWS region, as eu-west-1."
  }
}

variable "environments" {
  description = "Environments deployed to this account. Accounts of their own list one environment each."
  type        = set(string)
  default     = ["dev", "staging", "prod"]
  nullable    = false

  validation {
    condition     = length(var.environments) > 0 && length(setsubtract(var.environments, ["dev", "staging", "prod"])) == 0
    error_message = "environments must hold at least one of dev, staging and prod, and nothing else."
  }
}

variable "github_repository" {
  description = "GitHub repository that deploys, as owner/name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository)) && !startswith(var.github_repository, "example/")
    error_message = "github_repository must be your repository as owner/name; replace the placeholder in env/bootstrap.tfvars."
  }
}

variable "github_repository_id" {
  description = "Numeric id of that repository (`gh api repos/OWNER/NAME --jq .id`): a name can change hands, an id cannot."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[1-9][0-9]*$", var.github_repository_id))
    error_message = "github_repository_id must be the repository's numeric id; replace the placeholder in env/bootstrap.tfvars."
  }
}

variable "github_oidc_provider_arn" {
  description = "ARN of an existing GitHub OIDC provider; null creates one. An account can hold only one."
  type        = string
  default     = null

  validation {
    condition     = var.github_oidc_provider_arn == null || can(regex(":oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.github_oidc_provider_arn))
    error_message = "github_oidc_provider_arn must be the ARN of the provider token.actions.githubusercontent.com."
  }
}

variable "route53_zone_ids" {
  description = "Hosted zones whose records the apply roles may change: certificate validation and the service's name."
  type        = set(string)
  nullable    = false

  validation {
    condition = length(var.route53_zone_ids) > 0 && alltrue([
      for id in var.route53_zone_ids : can(regex("^Z[A-Z0-9]{5,31}$", id)) && !strcontains(id, "EXAMPLE")
    ])
    error_message = "route53_zone_ids must hold hosted zone ids, as Z0123456789ABCDEFGHIJ; replace the placeholder in env/bootstrap.tfvars."
  }
}

variable "untagged_image_days" {
  description = "Days after which an image that no tag names is removed."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.untagged_image_days >= 1 && floor(var.untagged_image_days) == var.untagged_image_days
    error_message = "untagged_image_days must be a whole number of at least 1."
  }
}
