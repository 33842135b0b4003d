# What the root aws made for this environment. Names are read from its state, never pasted.
data "terraform_remote_state" "aws" {
  backend   = "s3"
  workspace = var.environment

  config = {
    bucket = var.state_bucket
    key    = "aws.tfstate"
    region = var.region
  }
}

data "aws_caller_identity" "current" {}
