variable "state_bucket" {
  description = "Bucket that holds the state of the root aws (an output of bootstrap)."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^backend-cloud-app-state-[0-9]{12}-${var.region}$", var.state_bucket))
    error_message = "state_bucket must be backend-cloud-app-state-<account>-${var.region}."
  }
}

variable "image_digest" {
  description = "Digest of the image to deploy, as sha256:…; `push-image` prints it. Not needed to destroy."
  type        = string
  default     = null

  validation {
    condition     = var.image_digest == null || can(regex("^sha256:[0-9a-f]{64}$", var.image_digest))
    error_message = "image_digest must be sha256: and 64 hexadecimal digits."
  }
}

variable "image_tag" {
  description = "Tag that the image was pushed with, the git revision: it labels the pods; the digest decides what runs."
  type        = string
  default     = null

  validation {
    condition     = var.image_tag == null || (can(regex("^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$", var.image_tag)) && var.image_tag != "latest")
    error_message = "image_tag must be a tag that stays, as the git revision; latest is refused."
  }
}

variable "hpa" {
  description = "Fewest and most pods of the backend, and the CPU use in percent of the request that is aimed at, which may be over 100."
  type = object({
    min_replicas       = optional(number, 2)
    max_replicas       = optional(number, 10)
    target_cpu_percent = optional(number, 70)
  })
  default  = {}
  nullable = false

  validation {
    condition     = 1 <= var.hpa.min_replicas && var.hpa.min_replicas <= var.hpa.max_replicas && 1 <= var.hpa.target_cpu_percent
    error_message = "hpa must have 1 <= min_replicas <= max_replicas and a target_cpu_percent of at least 1."
  }
}

variable "scaling" {
  description = "What the pods are scaled with: cpu, or requests (by KEDA, from CloudWatch, beside the CPU use), of which one pod serves requests_per_pod in a minute."
  type = object({
    metric           = optional(string, "cpu")
    requests_per_pod = optional(number, 30000)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["cpu", "requests"], var.scaling.metric) && 1 <= var.scaling.requests_per_pod
    error_message = "scaling must have a metric, cpu or requests, and requests_per_pod of at least 1."
  }
}
