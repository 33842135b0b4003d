# Roles for the cluster, its nodes and its service accounts, each inside the environment's boundary. Without the boundary's condition an
# apply role could make itself an administrator.
data "aws_iam_policy_document" "apply_iam" {
  for_each = var.environments

  statement {
    sid = "ChangeOwnRolesInsideTheBoundary"
    actions = [
      "iam:CreateRole",
      "iam:DeleteRole",
      "iam:DeleteRolePolicy",
      "iam:PutRolePermissionsBoundary",
      "iam:PutRolePolicy",
      "iam:UpdateAssumeRolePolicy",
      "iam:UpdateRole",
    ]
    resources = local.role_arns[each.key]

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [aws_iam_policy.boundary[each.key].arn]
    }
  }

  # Tagging a role cannot be limited by its boundary, and a tag gives it nothing.
  statement {
    sid       = "TagOwnRoles"
    actions   = ["iam:TagRole", "iam:UntagRole"]
    resources = local.role_arns[each.key]
  }

  statement {
    sid       = "AttachClusterPolicies"
    actions   = ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
    resources = local.role_arns[each.key]

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [aws_iam_policy.boundary[each.key].arn]
    }

    condition {
      test     = "ArnEquals"
      variable = "iam:PolicyARN"
      values = formatlist("arn:${local.partition}:iam::aws:policy/%s", [
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEKSClusterPolicy",
        "AmazonEKSWorkerNodePolicy",
        "AmazonEKS_CNI_Policy",
      ])
    }
  }

  dynamic "statement" {
    for_each = local.passed_roles

    content {
      actions   = ["iam:PassRole"]
      resources = formatlist("${local.arn.iam}:role/${each.key}-%s", statement.value)

      condition {
        test     = "StringEquals"
        variable = "iam:PassedToService"
        values   = [statement.key]
      }
    }
  }

  statement {
    sid       = "CreateClusterIdentityProvider"
    actions   = ["iam:CreateOpenIDConnectProvider"]
    resources = ["${local.arn.iam}:oidc-provider/oidc.eks.${var.region}.amazonaws.com/id/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/Environment"
      values   = [each.key]
    }
  }

  # While one is made, IAM asks about tagging under the issuer's host alone (aws-ia/terraform-aws-eks-blueprints#902 has the
  # message). No provider that exists has this name, so none can be claimed by it.
  statement {
    sid       = "TagCreatedIdentityProvider"
    actions   = ["iam:TagOpenIDConnectProvider"]
    resources = ["${local.arn.iam}:oidc-provider/oidc.eks.${var.region}.amazonaws.com"]
  }

  statement {
    sid = "OwnIdentityProvider"
    actions = [
      "iam:DeleteOpenIDConnectProvider",
      "iam:TagOpenIDConnectProvider",
      "iam:UntagOpenIDConnectProvider",
      "iam:UpdateOpenIDConnectProviderThumbprint",
    ]
    resources = ["${local.arn.iam}:oidc-provider/oidc.eks.${var.region}.amazonaws.com/id/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Environment"
      values   = [each.key]
    }
  }

  # A new account lacks the roles of these services; they are AWS's own and the same for every caller.
  statement {
    sid       = "ServiceLinkedRoles"
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["${local.arn.iam}:role/aws-service-role/*"]

    condition {
      test     = "StringEquals"
      variable = "iam:AWSServiceName"
      values   = ["autoscaling.amazonaws.com", "eks-nodegroup.amazonaws.com", "eks.amazonaws.com"]
    }
  }
}
