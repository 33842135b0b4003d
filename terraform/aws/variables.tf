variable "kubernetes_version" {
  description = "Kubernetes version of the cluster; one that EKS has in standard support."
  type        = string
  default     = "1.36"
  nullable    = false

  validation {
    condition     = can(regex("^1\\.[0-9]{2}$", var.kubernetes_version))
    error_message = "kubernetes_version must be a minor version, as 1.36."
  }
}

variable "node_release_version" {
  description = "AMI release of the nodes, as 1.36.1-20260714; null keeps what they have, and takes the newest at creation."
  type        = string
  default     = null
}

variable "deletion_protection" {
  description = "Whether the table and the cluster refuse deletion; null for the environment's own setting. Set false, apply, then destroy."
  type        = bool
  default     = null
}

variable "log_retention_days" {
  description = "Days that CloudWatch keeps the cluster's logs, flow logs and metrics."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096], var.log_retention_days)
    error_message = "log_retention_days must be a period that CloudWatch offers, of at least 30 days."
  }
}
