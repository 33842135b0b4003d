# One role for each environment: it changes what carries the environment's name or its Environment tag, and trusts that GitHub
# environment alone. IAM limits a policy to 6,144 characters, so what it may do comes in five, by concern (policy_apply_*.tf).
resource "aws_iam_role" "apply" {
  for_each = var.environments

  name               = local.role_names.apply[each.key]
  description        = "Applies the saved plans of ${each.key} from GitHub's environment ${each.key}"
  assume_role_policy = data.aws_iam_policy_document.github_trust["apply-${each.key}"].json
  # An apply and the push of a state that it could not write: as long as the workflow asks for.
  max_session_duration = 7200
}

locals {
  apply_documents = {
    state   = data.aws_iam_policy_document.apply_state
    network = data.aws_iam_policy_document.apply_network
    cluster = data.aws_iam_policy_document.apply_cluster
    iam     = data.aws_iam_policy_document.apply_iam
    edge    = data.aws_iam_policy_document.apply_edge
  }

  apply_policies = merge([
    for environment in var.environments : {
      for concern, document in local.apply_documents : "${environment}-${concern}" => {
        environment = environment
        policy      = document[environment].json
      }
    }
  ]...)
}

resource "aws_iam_policy" "apply" {
  for_each = local.apply_policies

  name   = "${local.project}-apply-${each.key}"
  policy = each.value.policy
}

resource "aws_iam_role_policy_attachment" "apply" {
  for_each = local.apply_policies

  role       = aws_iam_role.apply[each.value.environment].name
  policy_arn = aws_iam_policy.apply[each.key].arn
}

resource "aws_iam_role_policy_attachment" "apply_read" {
  for_each = var.environments

  role       = aws_iam_role.apply[each.key].name
  policy_arn = aws_iam_policy.read.arn
}
