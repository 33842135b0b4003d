mock_provider "aws" {
  source = "./tests/mocks"
}

run "the_bucket_is_versioned_encrypted_private_and_speaks_tls_only" {
  assert {
    condition     = aws_s3_bucket.state.bucket == "backend-cloud-app-state-123456789012-eu-west-1" && output.state_bucket == aws_s3_bucket.state.bucket
    error_message = "the name that the stage commands build"
  }

  assert {
    condition     = aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled"
    error_message = "versioned"
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.state.rule).apply_server_side_encryption_by_default).sse_algorithm == "aws:kms"
    error_message = "encrypted with a key of our own"
  }

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.state.block_public_acls,
      aws_s3_bucket_public_access_block.state.block_public_policy,
      aws_s3_bucket_public_access_block.state.ignore_public_acls,
      aws_s3_bucket_public_access_block.state.restrict_public_buckets,
    ])
    error_message = "private"
  }

  assert {
    condition = jsonencode([
      for statement in data.aws_iam_policy_document.state_bucket.statement : [statement.effect, sort(statement.actions), one(statement.condition).variable, one(statement.condition).values]
    ]) == jsonencode([["Deny", ["s3:*"], "aws:SecureTransport", ["false"]]])
    error_message = "nothing without TLS"
  }
}

run "the_repositories_keep_tags_and_scan" {
  assert {
    condition     = toset(values(aws_ecr_repository.this)[*].name) == toset(["backend-cloud-app", "charts/backend"])
    error_message = "the image's repository and the chart's"
  }

  assert {
    condition = alltrue([
      for repository in aws_ecr_repository.this :
      repository.image_tag_mutability == "IMMUTABLE" && repository.image_scanning_configuration[0].scan_on_push && repository.encryption_configuration[0].encryption_type == "KMS"
    ])
    error_message = "immutable tags, scanned on push, encrypted"
  }

  assert {
    condition = alltrue([
      for policy in aws_ecr_lifecycle_policy.this : jsondecode(policy.policy).rules[*].selection.tagStatus == ["untagged"]
    ])
    error_message = "only what no tag names is removed"
  }

  assert {
    condition = alltrue([
      for policy in aws_ecr_lifecycle_policy.this : jsondecode(policy.policy).rules[*].selection.countNumber == [90]
    ])
    error_message = "and not soon: a signature may have no tag of its own"
  }
}
