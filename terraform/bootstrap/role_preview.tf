# Plans the roots aws and dns of dev for pull requests, from GitHub's environment `plan`, whose reviewers let each one in. A pull request
# brings its own workflow, so this role may become whoever opens one: it reads descriptions and these two states, has no entry in
# any cluster, so reads no Secret, and writes nothing, not even a lock.
resource "aws_iam_role" "preview" {
  count = contains(var.environments, "dev") ? 1 : 0

  name               = local.role_names.preview
  description        = "Plans dev for pull requests; changes nothing"
  assume_role_policy = data.aws_iam_policy_document.github_trust["preview"].json
}

resource "aws_iam_role_policy_attachment" "preview_read" {
  count = length(aws_iam_role.preview)

  role       = aws_iam_role.preview[0].name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_role_policy" "preview" {
  count = length(aws_iam_role.preview)

  name   = "state"
  role   = aws_iam_role.preview[0].name
  policy = data.aws_iam_policy_document.preview.json
}

data "aws_iam_policy_document" "preview" {
  statement {
    sid       = "ReadState"
    actions   = ["s3:GetObject"]
    resources = [for root in ["aws", "dns"] : "${aws_s3_bucket.state.arn}/env:/dev/${root}.tfstate"]
  }

  statement {
    sid       = "UseKeyThroughS3"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.shared.arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${var.region}.amazonaws.com"]
    }
  }
}
