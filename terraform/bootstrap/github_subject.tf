# What GitHub's token subjects begin with. With the numeric ids of owner and repository it is theirs for ever: names can be given up and
# taken by somebody else. Repositories made or renamed since July 2026 have such subjects; others can be switched to them.
variable "github_subject_prefix" {
  description = "What the subjects of the repository's tokens begin with, as repo:OWNER@ID/NAME@ID; docs/deploy.md has the command that prints it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^repo:[A-Za-z0-9-]+(@[1-9][0-9]*)?/[A-Za-z0-9._-]+(@[1-9][0-9]*)?$", var.github_subject_prefix)) && !startswith(var.github_subject_prefix, "repo:example@")
    error_message = "github_subject_prefix must be as repo:OWNER@ID/NAME@ID; replace the placeholder in env/bootstrap.tfvars by what docs/deploy.md's command prints."
  }

  validation {
    condition     = var.github_subject_by_name || can(regex("@[0-9]+/.*@[0-9]+$", var.github_subject_prefix))
    error_message = "github_subject_prefix has no ids: use repo:OWNER@ID/NAME@ID. Set github_subject_by_name only if the repository's tokens still have names alone."
  }

  validation {
    condition     = replace(var.github_subject_prefix, "/@[0-9]+/", "") == "repo:${var.github_repository}"
    error_message = "github_subject_prefix is not of github_repository."
  }
}

variable "github_subject_by_name" {
  description = "Whether github_subject_prefix may be repo:OWNER/NAME, without ids: only for a repository whose tokens are still so."
  type        = bool
  default     = false
  nullable    = false
}
