# IAM roles for service accounts: the cluster is an identity provider, and each role trusts exactly one service account.
locals {
  oidc_issuer = trimprefix(aws_eks_cluster.main.identity[0].oidc[0].issuer, "https://")

  irsa = {
    backend                  = { namespace = local.names.namespace, service_account = "${var.environment}-backend-sa" }
    load-balancer-controller = { namespace = "kube-system", service_account = "aws-load-balancer-controller" }
    cluster-autoscaler       = { namespace = "kube-system", service_account = "cluster-autoscaler" }
    collector                = { namespace = "monitoring", service_account = "opentelemetry-collector" }
    keda                     = { namespace = "keda", service_account = "keda-operator" }
    vpc-cni                  = { namespace = "kube-system", service_account = "aws-node" }
  }
}

resource "aws_iam_openid_connect_provider" "cluster" {
  url            = aws_eks_cluster.main.identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]

  tags = { Name = local.names.cluster }
}

resource "aws_iam_role" "irsa" {
  for_each = local.irsa

  name                 = "${var.environment}-${each.key}-irsa-role"
  description          = "Service account ${each.value.namespace}/${each.value.service_account} of ${local.names.cluster}"
  assume_role_policy   = data.aws_iam_policy_document.irsa_trust[each.key].json
  permissions_boundary = local.permissions_boundary
}

data "aws_iam_policy_document" "irsa_trust" {
  for_each = local.irsa

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.cluster.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.oidc_issuer}:sub"
      values   = ["system:serviceaccount:${each.value.namespace}:${each.value.service_account}"]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.oidc_issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "irsa" {
  for_each = {
    backend                  = data.aws_iam_policy_document.backend.json
    load-balancer-controller = data.aws_iam_policy_document.load_balancer_controller.json
    cluster-autoscaler       = data.aws_iam_policy_document.cluster_autoscaler.json
    collector                = data.aws_iam_policy_document.collector.json
    keda                     = data.aws_iam_policy_document.keda.json
  }

  name   = each.key
  role   = aws_iam_role.irsa[each.key].name
  policy = each.value
}

resource "aws_iam_role_policy_attachment" "vpc_cni" {
  role       = aws_iam_role.irsa["vpc-cni"].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/AmazonEKS_CNI_Policy"
}
