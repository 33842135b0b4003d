# Pushes images and charts, and can neither delete one nor move a tag (the repositories' tags are immutable).
resource "aws_iam_role" "push" {
  name               = local.role_names.push
  description        = "Pushes images and charts from GitHub's environment images"
  assume_role_policy = data.aws_iam_policy_document.github_trust["push"].json
}

resource "aws_iam_role_policy" "push" {
  name   = "push"
  role   = aws_iam_role.push.name
  policy = data.aws_iam_policy_document.push.json
}

data "aws_iam_policy_document" "push" {
  statement {
    sid       = "SignIn"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid = "PushAndPull"
    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:CompleteLayerUpload",
      "ecr:DescribeImages",
      "ecr:GetDownloadUrlForLayer",
      "ecr:InitiateLayerUpload",
      "ecr:PutImage",
      "ecr:UploadLayerPart",
    ]
    resources = values(aws_ecr_repository.this)[*].arn
  }
}
