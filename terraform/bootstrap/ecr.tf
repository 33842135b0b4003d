locals {
  repositories = {
    image = local.project
    chart = "charts/backend"
  }
}

resource "aws_ecr_repository" "this" {
  for_each = local.repositories

  name                 = each.value
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.shared.arn
  }
}

# Signatures and attestations that are pushed as referrers have no tag, so the rule may count them as untagged although
# they belong to an image in use. Before the days are lowered, see what would go: `aws ecr start-lifecycle-policy-preview`,
# then `aws ecr get-lifecycle-policy-preview`.
resource "aws_ecr_lifecycle_policy" "this" {
  for_each = local.repositories

  repository = aws_ecr_repository.this[each.key].name

  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "Remove what no tag names; ECR keeps the images that a tagged index points to."
      selection = {
        tagStatus   = "untagged"
        countType   = "sinceImagePushed"
        countUnit   = "days"
        countNumber = var.untagged_image_days
      }
      action = { type = "expire" }
    }]
  })
}
