locals {
  # Nodes become ready with a network, and only then can anything else run: two groups, with the nodes between them.
  addons_before_nodes = {
    vpc-cni = {
      # The chart's NetworkPolicy is enforced by the CNI itself.
      configuration = { enableNetworkPolicy = "true" }
      role_arn      = aws_iam_role.irsa["vpc-cni"].arn
    }
    kube-proxy = { configuration = null, role_arn = null }
  }

  addons_after_nodes = toset(["coredns", "metrics-server"])
}

resource "aws_eks_addon" "before_nodes" {
  for_each = local.addons_before_nodes

  cluster_name                = aws_eks_cluster.main.name
  addon_name                  = each.key
  addon_version               = var.versions.addons[each.key]
  configuration_values        = each.value.configuration == null ? null : jsonencode(each.value.configuration)
  service_account_role_arn    = each.value.role_arn
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"

  depends_on = [aws_iam_role_policy_attachment.vpc_cni]
}

resource "aws_eks_addon" "after_nodes" {
  for_each = local.addons_after_nodes

  cluster_name                = aws_eks_cluster.main.name
  addon_name                  = each.key
  addon_version               = var.versions.addons[each.key]
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"

  depends_on = [aws_eks_node_group.main]
}
