# What an environment is, for the one that the variables name: tests/terraform/run gives each in turn.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  # One row an environment, and nothing computed: what the root must come to.
  expected = {
    dev     = { zones = 2, nat = 1, protected = false, nodes = ["t4g.medium", 2, 2, 3] }
    staging = { zones = 2, nat = 1, protected = true, nodes = ["t4g.medium", 2, 2, 4] }
    prod    = { zones = 3, nat = 3, protected = true, nodes = ["m7g.large", 3, 3, 6] }
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
    condition     = length(distinct(concat(values(local.private_cidrs), values(local.public_cidrs), values(local.edge_cidrs)))) == (var.edge == "off" ? 2 : 3) * var.expected[var.environment].zones
    error_message = "no two subnets with the same network"
  }

  assert {
    condition     = alltrue([for subnet in aws_subnet.public : subnet.map_public_ip_on_launch != true])
    error_message = "nothing gets a public address by default"
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

run "versions" {
  assert {
    condition     = { for name, addon in merge(aws_eks_addon.before_nodes, aws_eks_addon.after_nodes) : name => addon.addon_version } == { for name, version in var.versions.addons : name => version }
    error_message = "every add-on has the version of the settings"
  }

  assert {
    condition     = aws_eks_cluster.main.version == var.versions.kubernetes && aws_eks_node_group.main.release_version == var.versions.nodes
    error_message = "and so have the cluster and its nodes"
  }
}

run "without_the_edge_the_load_balancer_is_public" {
  variables {
    edge            = "off"
    acm_domain_name = "api.birthdays.test"
    route53_zone_id = "Z0123456789ABCDEFGHIJ"
  }

  assert {
    condition     = length(aws_subnet.edge) == 0 && output.load_balancer_cidrs == values(local.public_cidrs) && length(output.edge_prefix_list_ids) == 0
    error_message = "pods are reached from the public subnets"
  }
}

run "behind_the_edge_it_has_private_subnets_of_its_own" {
  variables {
    edge = "on"
  }

  assert {
    condition     = length(aws_subnet.edge) == var.expected[var.environment].zones && output.load_balancer_cidrs == values(local.edge_cidrs) && output.edge_prefix_list_ids == ["pl-4fa04526"]
    error_message = "pods are reached from there only, and the load balancer from CloudFront"
  }

  assert {
    condition     = alltrue([for subnet in aws_subnet.edge : subnet.tags["kubernetes.io/role/internal-elb"] == "1"]) && alltrue([for subnet in aws_subnet.private : !contains(keys(subnet.tags), "kubernetes.io/role/internal-elb")])
    error_message = "an internal load balancer is not put beside the pods"
  }
}

run "while_the_edge_is_switched_both_may_call" {
  variables {
    edge            = "both"
    acm_domain_name = "api.birthdays.test"
    route53_zone_id = "Z0123456789ABCDEFGHIJ"
  }

  assert {
    condition     = output.load_balancer_cidrs == concat(values(local.public_cidrs), values(local.edge_cidrs))
    error_message = "the public subnets and the edge's"
  }
}

run "a_minimum_that_is_raised_raises_the_nodes" {
  override_data {
    target = data.aws_autoscaling_groups.nodes
    values = { names = ["eks-nodes"] }
  }

  override_data {
    target = data.aws_autoscaling_group.nodes
    values = { desired_capacity = 0 }
  }

  assert {
    condition     = aws_eks_node_group.main.scaling_config[0].desired_size == aws_eks_node_group.main.scaling_config[0].min_size
    error_message = "AWS refuses fewer nodes than the minimum"
  }
}

run "the_autoscaler_s_number_is_left_alone" {
  override_data {
    target = data.aws_autoscaling_groups.nodes
    values = { names = ["eks-nodes"] }
  }

  override_data {
    target = data.aws_autoscaling_group.nodes
    values = { desired_capacity = 3 }
  }

  assert {
    condition     = aws_eks_node_group.main.scaling_config[0].desired_size == 3
    error_message = "within minimum and maximum, what there is"
  }
}

run "at_night_there_are_no_nodes" {
  variables {
    asleep = true
  }

  assert {
    condition     = aws_eks_node_group.main.scaling_config[0].desired_size == 0 && aws_eks_node_group.main.scaling_config[0].min_size == 0 && aws_eks_node_group.main.scaling_config[0].max_size > 0
    error_message = "none, and none needed"
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
