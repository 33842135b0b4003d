# What an environment is, for the one that the variables name: tests/terraform/run gives each in turn.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  # One row an environment, and nothing computed: what the root must come to.
  expected = {
    dev     = { zones = 2, nat = 1, protected = false, key_window = 7, nodes = ["t4g.medium", 2, 2, 3] }
    staging = { zones = 2, nat = 1, protected = true, key_window = 30, nodes = ["t4g.medium", 2, 2, 4] }
    prod    = { zones = 3, nat = 3, protected = true, key_window = 30, nodes = ["m7g.large", 3, 3, 6] }
  }
}

run "network" {
  assert {
    condition     = length(aws_subnet.private) == var.expected[var.environment].zones && length(aws_subnet.public) == var.expected[var.environment].zones
    error_message = "a private and a public subnet in every zone"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == var.expected[var.environment].nat && length(aws_route.nat) == var.expected[var.environment].zones
    error_message = "the environment's number of NAT gateways, and a route to one from every private subnet"
  }

  assert {
    condition     = length(distinct(concat(values(local.private_cidrs), values(local.public_cidrs)))) == 2 * var.expected[var.environment].zones
    error_message = "no two subnets with the same network"
  }

  assert {
    condition     = alltrue([for subnet in aws_subnet.public : subnet.map_public_ip_on_launch != true])
    error_message = "nothing gets a public address by default"
  }

  assert {
    condition     = length(aws_default_security_group.closed.ingress) == 0 && length(aws_default_security_group.closed.egress) == 0
    error_message = "the default security group is empty"
  }

  assert {
    condition     = aws_flow_log.vpc.traffic_type == "ALL" && aws_flow_log.vpc.vpc_id == aws_vpc.main.id
    error_message = "all traffic is in the flow logs"
  }
}

run "table" {
  assert {
    condition     = aws_dynamodb_table.users.name == "${var.environment}-users" && aws_dynamodb_table.users.hash_key == "username" && [for attribute in aws_dynamodb_table.users.attribute : "${attribute.name} ${attribute.type}"] == ["username S"]
    error_message = "the table's name and key are those that the service uses"
  }

  assert {
    condition     = aws_dynamodb_table.users.billing_mode == "PAY_PER_REQUEST" && aws_dynamodb_table.users.point_in_time_recovery[0].enabled && aws_dynamodb_table.users.server_side_encryption[0].enabled
    error_message = "on demand, restorable, encrypted"
  }

  assert {
    condition     = aws_dynamodb_table.users.deletion_protection_enabled == var.expected[var.environment].protected
    error_message = "only dev's table may be deleted"
  }

  assert {
    condition     = alltrue([for key in aws_kms_key.this : key.enable_key_rotation && key.deletion_window_in_days == var.expected[var.environment].key_window])
    error_message = "keys rotate, and a protected environment's are kept for 30 days after deletion"
  }
}

run "cluster" {
  assert {
    condition     = aws_eks_cluster.main.name == "${var.environment}-eks-cluster" && aws_eks_cluster.main.deletion_protection == var.expected[var.environment].protected
    error_message = "the cluster's name is the shared one; only dev's may be deleted"
  }

  assert {
    condition     = aws_eks_cluster.main.vpc_config[0].endpoint_private_access && !aws_eks_cluster.main.vpc_config[0].endpoint_public_access
    error_message = "without networks, the API is not on the internet"
  }

  assert {
    condition     = aws_eks_cluster.main.access_config[0].authentication_mode == "API" && !aws_eks_cluster.main.access_config[0].bootstrap_cluster_creator_admin_permissions
    error_message = "access entries decide, and nobody is an administrator by having applied first"
  }

  assert {
    condition     = aws_eks_cluster.main.encryption_config[0].resources == toset(["secrets"]) && length(aws_eks_cluster.main.enabled_cluster_log_types) == 5
    error_message = "Secrets are encrypted and every control-plane log is on"
  }

  assert {
    condition = { for arn, association in aws_eks_access_policy_association.this : reverse(split("/", arn))[0] => reverse(split("/", association.policy_arn))[0] } == {
      "administrators"                             = "AmazonEKSClusterAdminPolicy"
      "backend-cloud-app-apply-${var.environment}" = "AmazonEKSClusterAdminPolicy"
      "backend-cloud-app-plan"                     = "AmazonEKSAdminViewPolicy"
    }
    error_message = "the administrators and the environment's apply role administer; the plan role views"
  }

  assert {
    condition = aws_eks_node_group.main.ami_type == "AL2023_ARM_64_STANDARD" && [
      aws_eks_node_group.main.instance_types[0],
      aws_eks_node_group.main.scaling_config[0].min_size,
      aws_eks_node_group.main.scaling_config[0].desired_size,
      aws_eks_node_group.main.scaling_config[0].max_size,
    ] == var.expected[var.environment].nodes
    error_message = "the nodes are arm64, and of the environment's type and number"
  }

  assert {
    condition     = aws_launch_template.nodes.metadata_options[0].http_tokens == "required" && aws_launch_template.nodes.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "pods cannot reach the nodes' role"
  }

  assert {
    condition     = setunion(keys(aws_eks_addon.before_nodes), keys(aws_eks_addon.after_nodes)) == toset(["vpc-cni", "kube-proxy", "coredns", "metrics-server"]) && jsondecode(aws_eks_addon.before_nodes["vpc-cni"].configuration_values).enableNetworkPolicy == "true"
    error_message = "the four add-ons, and NetworkPolicies enforced"
  }
}

run "names_shared_with_the_chart" {
  assert {
    condition     = aws_iam_role.irsa["backend"].name == "${var.environment}-backend-irsa-role" && local.irsa.backend == { namespace = var.environment, service_account = "${var.environment}-backend-sa" }
    error_message = "role, namespace and service account are those of the chart"
  }

  assert {
    condition     = output.table_name == "${var.environment}-users" && output.cluster_name == "${var.environment}-eks-cluster" && output.region == var.region
    error_message = "the outputs that the stage commands read"
  }
}

run "tags" {
  assert {
    condition     = local.tags == { Project = "backend-cloud-app", Environment = var.environment, Root = "aws", ManagedBy = "terraform" }
    error_message = "the apply role may change only what carries the environment in its Environment tag"
  }

  assert {
    condition     = alltrue([for specification in aws_launch_template.nodes.tag_specifications : specification.tags.Environment == var.environment])
    error_message = "what the launch template makes carries the tags too"
  }
}

run "public_endpoint_with_networks" {
  variables {
    cluster_public_access_cidrs = ["203.0.113.0/24"]
  }

  assert {
    condition     = aws_eks_cluster.main.vpc_config[0].endpoint_public_access && aws_eks_cluster.main.vpc_config[0].public_access_cidrs == toset(["203.0.113.0/24"])
    error_message = "with networks, these and no others reach the API"
  }
}

run "protection_can_be_lifted" {
  variables {
    deletion_protection = false
  }

  assert {
    condition     = !aws_dynamodb_table.users.deletion_protection_enabled && !aws_eks_cluster.main.deletion_protection
    error_message = "the first of the two steps of a destroy"
  }
}
