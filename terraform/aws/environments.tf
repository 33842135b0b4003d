# How the environments differ, side by side.
#
# Pods a node holds with the VPC CNI: interfaces x (addresses of one - 1) + 2.
#   t4g.medium  3 x (6 - 1)  + 2 = 17     m7g.large  3 x (10 - 1) + 2 = 29
# Pods on every node: aws-node, kube-proxy. Elsewhere: coredns 2, metrics-server 2, load balancer controller 2, cluster
# autoscaler 1, kube-state-metrics 1, collector 1; so 9, and the backend's 2 to 10 (and 3 more while it rolls).
#   dev, staging  2 nodes: 34 - 4 = 30 places for 9 + 10 + 3 = 22, so one node may be gone while the backend is small
#   prod          3 nodes: 87 - 6 = 81 places; with one of three zones lost, 54 remain for 22
variable "environments" {
  description = "Size and protection of each environment."
  type = map(object({
    vpc_cidr            = string
    zones               = list(string)
    nat_gateways        = string
    deletion_protection = bool
    codebuild_runner    = optional(bool, false)
    nodes = object({
      instance_types = list(string)
      min            = number
      desired        = number
      max            = number
    })
  }))
  nullable = false

  default = {
    dev = {
      vpc_cidr            = "10.10.0.0/16"
      zones               = ["a", "b"]
      nat_gateways        = "single"
      deletion_protection = false
      nodes               = { instance_types = ["t4g.medium"], min = 2, desired = 2, max = 3 }
    }
    staging = {
      vpc_cidr            = "10.20.0.0/16"
      zones               = ["a", "b"]
      nat_gateways        = "single"
      deletion_protection = true
      nodes               = { instance_types = ["t4g.medium"], min = 2, desired = 2, max = 4 }
    }
    prod = {
      vpc_cidr            = "10.30.0.0/16"
      zones               = ["a", "b", "c"]
      nat_gateways        = "per_zone"
      deletion_protection = true
      nodes               = { instance_types = ["m7g.large"], min = 3, desired = 3, max = 6 }
    }
  }

  validation {
    condition     = contains(keys(var.environments), var.environment)
    error_message = "environments must have an entry for ${var.environment}."
  }

  validation {
    condition     = alltrue([for environment in var.environments : can(cidrnetmask(environment.vpc_cidr)) && endswith(environment.vpc_cidr, "/16")])
    error_message = "environments: vpc_cidr must be an IPv4 network of /16."
  }

  validation {
    condition = alltrue([
      for environment in var.environments : length(distinct(environment.zones)) == length(environment.zones) && contains([2, 3], length(environment.zones)) && alltrue([for zone in environment.zones : can(regex("^[a-z]$", zone))])
    ])
    error_message = "environments: zones must be the letters of two or three zones, as a and b; EKS needs two."
  }

  validation {
    condition     = alltrue([for environment in var.environments : contains(["single", "per_zone"], environment.nat_gateways)])
    error_message = "environments: nat_gateways must be single or per_zone."
  }

  validation {
    condition = alltrue([
      for environment in var.environments : 1 <= environment.nodes.min && environment.nodes.min <= environment.nodes.desired && environment.nodes.desired <= environment.nodes.max
    ])
    error_message = "environments: nodes must have 1 <= min <= desired <= max."
  }

  validation {
    condition = alltrue(flatten([
      for environment in var.environments : [for type in environment.nodes.instance_types : can(regex("^[a-z]+[0-9]+g[a-z]*\\.", type))]
    ]))
    error_message = "environments: instance_types must be arm64 (Graviton), as t4g.medium or m7g.large."
  }
}
