locals {
  project    = "backend-cloud-app"
  account_id = data.aws_caller_identity.current.account_id
  aws        = data.terraform_remote_state.aws.outputs

  tags = {
    Project     = local.project
    Environment = var.environment
    Root        = "kubernetes"
    ManagedBy   = "terraform"
  }

  # A release that fails leaves nothing half-done, and the one before it in place.
  release = {
    timeout     = 600
    max_history = 10
  }

  # What Pod Security "restricted" asks of containers, for the charts that do not say so themselves.
  restricted_pod = {
    runAsNonRoot   = true
    runAsUser      = 65534
    runAsGroup     = 65534
    seccompProfile = { type = "RuntimeDefault" }
  }

  restricted_container = {
    allowPrivilegeEscalation = false
    readOnlyRootFilesystem   = true
    capabilities             = { drop = ["ALL"] }
  }
}
