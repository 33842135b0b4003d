# Who may use the Kubernetes API, and how far. The two pipeline roles are those of the root bootstrap.
locals {
  cluster_policies = {
    admin = "arn:${local.partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
    # Refreshing a Helm release reads its Secret, which plain view does not allow.
    view = "arn:${local.partition}:eks::aws:cluster-access-policy/AmazonEKSAdminViewPolicy"
  }

  pipeline_roles = {
    "arn:${local.partition}:iam::${local.account_id}:role/${local.project}-apply-${var.environment}" = local.cluster_policies.admin
    "arn:${local.partition}:iam::${local.account_id}:role/${local.project}-plan"                     = local.cluster_policies.view
  }

  cluster_access = merge({ for arn in var.cluster_admin_role_arns : arn => local.cluster_policies.admin }, local.pipeline_roles)
}

# An access entry is bound to the role's id: one for a role deleted and made again looks right and lets nobody in.
data "aws_iam_role" "principal" {
  for_each = local.cluster_access

  name = reverse(split("/", each.key))[0]
}

resource "terraform_data" "principal" {
  for_each = local.cluster_access

  triggers_replace = data.aws_iam_role.principal[each.key].unique_id
}

resource "aws_eks_access_entry" "this" {
  for_each = local.cluster_access

  cluster_name  = aws_eks_cluster.main.name
  principal_arn = each.key

  lifecycle {
    replace_triggered_by = [terraform_data.principal[each.key]]
  }
}

resource "aws_eks_access_policy_association" "this" {
  for_each = local.cluster_access

  cluster_name  = aws_eks_cluster.main.name
  principal_arn = aws_eks_access_entry.this[each.key].principal_arn
  policy_arn    = each.value

  access_scope {
    type = "cluster"
  }

  lifecycle {
    replace_triggered_by = [terraform_data.principal[each.key]]
  }
}
