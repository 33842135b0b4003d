resource "aws_eks_node_group" "main" {
  cluster_name    = aws_eks_cluster.main.name
  node_group_name = "${var.environment}-nodes"
  node_role_arn   = aws_iam_role.nodes.arn
  subnet_ids      = values(aws_subnet.private)[*].id
  ami_type        = "AL2023_ARM_64_STANDARD"
  capacity_type   = "ON_DEMAND"
  instance_types  = local.environment.nodes.instance_types
  version         = aws_eks_cluster.main.version
  release_version = var.versions.nodes

  launch_template {
    id      = aws_launch_template.nodes.id
    version = aws_launch_template.nodes.latest_version
  }

  scaling_config {
    min_size     = var.asleep ? 0 : local.environment.nodes.min
    desired_size = var.asleep ? 0 : local.nodes_wanted
    max_size     = local.environment.nodes.max
  }

  update_config {
    max_unavailable = 1
  }

  node_repair_config {
    enabled = true
  }

  # A node joins only if it reaches the cluster's API, ECR and S3; on the way out, it still drains through them.
  depends_on = [
    aws_eks_addon.before_nodes,
    aws_iam_role_policy_attachment.nodes,
    aws_route.nat,
    aws_route_table_association.private,
    aws_vpc_endpoint.dynamodb,
    aws_vpc_endpoint.s3,
  ]
}

# How many there are now: the cluster autoscaler decides that, within min and max. Ignored, the number would stay where it is while
# min is raised, or the group was scaled to zero by hand, and AWS refuses a group with less than its min.
data "aws_autoscaling_groups" "nodes" {
  filter {
    name   = "tag:eks:cluster-name"
    values = [local.names.cluster]
  }

  filter {
    name   = "tag:eks:nodegroup-name"
    values = ["${var.environment}-nodes"]
  }
}

data "aws_autoscaling_group" "nodes" {
  for_each = toset(data.aws_autoscaling_groups.nodes.names)

  name = each.value
}

locals {
  nodes_now    = concat(values(data.aws_autoscaling_group.nodes)[*].desired_capacity, [local.environment.nodes.desired])[0]
  nodes_wanted = min(max(local.nodes_now, local.environment.nodes.min), local.environment.nodes.max)
}

resource "aws_launch_template" "nodes" {
  name                   = "${var.environment}-nodes"
  description            = "Nodes of ${local.names.cluster}"
  update_default_version = true

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_size           = 20
      volume_type           = "gp3"
      encrypted             = true
      delete_on_termination = true
    }
  }

  # One hop: a pod cannot reach the node's role. Pods have roles of their own (irsa.tf).
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  dynamic "tag_specifications" {
    for_each = ["instance", "volume", "network-interface"]

    content {
      resource_type = tag_specifications.value
      tags          = merge(local.tags, { Name = "${var.environment}-node" })
    }
  }
}

resource "aws_iam_role" "nodes" {
  name                 = "${var.environment}-eks-node-role"
  description          = "Nodes of ${local.names.cluster}"
  assume_role_policy   = data.aws_iam_policy_document.nodes_trust.json
  permissions_boundary = local.permissions_boundary
}

resource "aws_iam_role_policy_attachment" "nodes" {
  for_each = toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"])

  role       = aws_iam_role.nodes.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.value}"
}

data "aws_iam_policy_document" "nodes_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}
