variable "asleep" {
  description = "Whether all nodes are taken away, as for a night. The service is down meanwhile; false brings them back."
  type        = bool
  default     = false
  nullable    = false
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
