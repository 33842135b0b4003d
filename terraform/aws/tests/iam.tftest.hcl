# Every document that grants something: what it grants, and to whom, in full.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "backend_reads_and_writes_one_user_and_nothing_else" {
  assert {
    condition = jsonencode([
      for statement in data.aws_iam_policy_document.backend.statement : {
        effect    = coalesce(statement.effect, "Allow")
        actions   = sort(statement.actions)
        resources = sort(statement.resources)
        excepting = length(coalesce(statement.not_actions, [])) + length(coalesce(statement.not_resources, []))
      }
      ]) == jsonencode([{
        effect    = "Allow"
        actions   = ["dynamodb:GetItem", "dynamodb:PutItem"]
        resources = [aws_dynamodb_table.users.arn]
        excepting = 0
    }])
    error_message = "GetItem and PutItem on the one table"
  }

  assert {
    condition     = toset(keys(aws_iam_role_policy.irsa)) == toset(["backend", "load-balancer-controller", "cluster-autoscaler", "collector", "keda"]) && aws_iam_role_policy_attachment.vpc_cni.role == "${var.environment}-vpc-cni-irsa-role"
    error_message = "one policy a role, and an AWS managed policy for the CNI alone"
  }
}

run "each_role_trusts_one_service_account" {
  assert {
    condition = jsonencode({
      for name, document in data.aws_iam_policy_document.irsa_trust : name => sort(flatten([
        for condition in document.statement[0].condition : [for value in condition.values : "${condition.test} ${trimprefix(condition.variable, "${local.oidc_issuer}:")} ${value}"]
      ]))
      }) == jsonencode({
      backend                  = ["StringEquals aud sts.amazonaws.com", "StringEquals sub system:serviceaccount:${var.environment}:${var.environment}-backend-sa"]
      cluster-autoscaler       = ["StringEquals aud sts.amazonaws.com", "StringEquals sub system:serviceaccount:kube-system:cluster-autoscaler"]
      collector                = ["StringEquals aud sts.amazonaws.com", "StringEquals sub system:serviceaccount:monitoring:opentelemetry-collector"]
      keda                     = ["StringEquals aud sts.amazonaws.com", "StringEquals sub system:serviceaccount:keda:keda-operator"]
      load-balancer-controller = ["StringEquals aud sts.amazonaws.com", "StringEquals sub system:serviceaccount:kube-system:aws-load-balancer-controller"]
      vpc-cni                  = ["StringEquals aud sts.amazonaws.com", "StringEquals sub system:serviceaccount:kube-system:aws-node"]
    })
    error_message = "exact subjects and audiences"
  }

  assert {
    condition     = alltrue([for document in data.aws_iam_policy_document.irsa_trust : length(document.statement) == 1 && one(document.statement[0].principals).identifiers == toset([aws_iam_openid_connect_provider.cluster.arn])])
    error_message = "the cluster's own identity provider"
  }
}

run "every_role_is_inside_the_boundary" {
  assert {
    condition = alltrue([
      for role in concat(values(aws_iam_role.irsa), [aws_iam_role.cluster, aws_iam_role.nodes, aws_iam_role.flow_logs]) :
      role.permissions_boundary == "arn:aws:iam::123456789012:policy/backend-cloud-app-boundary-${var.environment}" && startswith(role.name, "${var.environment}-")
    ])
    error_message = "the apply role may make no other role"
  }
}

run "the_table_is_all_that_the_dynamodb_endpoint_reaches" {
  assert {
    condition     = [for statement in data.aws_iam_policy_document.dynamodb_endpoint.statement : statement.resources] == [toset([aws_dynamodb_table.users.arn])]
    error_message = "the endpoint's policy names the one table"
  }
}

run "the_load_balancer_controller_changes_its_own_cluster_only" {
  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.load_balancer_controller.statement :
      length(statement.condition) > 0 || contains(["Look", "LookAtSecurityGroups", "ReadCertificates", "CreateSecurityGroups"], statement.sid)
    ])
    error_message = "everything but looking, and making a security group in the VPC, is conditional"
  }

  assert {
    condition = alltrue(flatten([
      for statement in data.aws_iam_policy_document.load_balancer_controller.statement : [
        for condition in statement.condition : jsonencode(condition.values) == jsonencode([local.names.cluster]) if endswith(condition.variable, "elbv2.k8s.aws/cluster")
      ]
    ]))
    error_message = "the condition names this cluster, not any"
  }

  assert {
    condition = alltrue(flatten([
      for statement in data.aws_iam_policy_document.load_balancer_controller.statement : [for action in statement.actions : !strcontains(action, "*")]
    ]))
    error_message = "no wildcard among the actions"
  }
}

run "the_autoscaler_changes_its_own_groups_only" {
  assert {
    condition = toset(flatten([
      for statement in data.aws_iam_policy_document.cluster_autoscaler.statement : [for action in statement.actions : action if length(statement.condition) > 0]
    ])) == toset(["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"])
    error_message = "both changing actions are conditional"
  }
}
