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

variable "domains" {
  description = "Host name of an environment and the hosted zone that it is in. An environment without one is reached under a name of AWS's."
  type        = map(object({ name = string, zone_id = string }))
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.domains), var.environments)) == 0
    error_message = "domains must name environments of this account only."
  }

  validation {
    condition = alltrue([
      for domain in var.domains : can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", domain.name)) && !can(regex("(^|\\.)example\\.(com|net|org)$", domain.name))
    ])
    error_message = "domains: name must be a host name of your own, in lower case; replace the placeholder in env/bootstrap.tfvars."
  }

  validation {
    condition     = alltrue([for domain in var.domains : can(regex("^Z[A-Z0-9]{5,31}$", domain.zone_id)) && !strcontains(domain.zone_id, "EXAMPLE")])
    error_message = "domains: zone_id must be a hosted zone id, as Z0123456789ABCDEFGHIJ; replace the placeholder in env/bootstrap.tfvars."
  }
}

variable "edge_environments" {
  description = "Environments that may have CloudFront before the load balancer; the apply roles of the others have no permission on it."
  type        = set(string)
  default     = ["staging", "prod"]
  nullable    = false

  validation {
    condition     = length(setsubtract(var.edge_environments, ["dev", "staging", "prod"])) == 0
    error_message = "edge_environments must hold dev, staging or prod, and nothing else."
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

variable "budget" {
  description = "What the account may cost a month in US dollars, and who is told when it does; null for no budget."
  type        = object({ monthly_usd = number, email = string })
  default     = null

  validation {
    condition     = var.budget == null || (try(var.budget.monthly_usd, 0) > 0 && can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", var.budget.email)))
    error_message = "budget must have a monthly_usd above 0 and an e-mail address."
  }
}
