# Who may become each role, and the most that each may do.

mock_provider "aws" {
  source = "./tests/mocks"
}

override_resource {
  target = aws_iam_policy.boundary["dev"]
  values = { arn = "arn:aws:iam::123456789012:policy/boundary-dev" }
}

override_resource {
  target = aws_iam_policy.boundary["staging"]
  values = { arn = "arn:aws:iam::123456789012:policy/boundary-staging" }
}

override_resource {
  target = aws_iam_policy.boundary["prod"]
  values = { arn = "arn:aws:iam::123456789012:policy/boundary-prod" }
}

run "each_role_trusts_exact_subjects_of_one_repository" {
  assert {
    condition = jsonencode({
      for role, document in data.aws_iam_policy_document.github_trust : role => {
        for condition in document.statement[0].condition :
        trimprefix(condition.variable, "token.actions.githubusercontent.com:") => [condition.test, sort(condition.values)]
      }
      }) == jsonencode({
      for role, subjects in {
        apply-dev     = ["environment:dev"]
        apply-prod    = ["environment:prod"]
        apply-staging = ["environment:staging"]
        plan          = ["ref:refs/heads/main"]
        preview       = ["environment:plan"]
        push          = ["environment:images"]
        } : role => {
        aud           = ["StringEquals", ["sts.amazonaws.com"]]
        repository_id = ["StringEquals", ["987654321"]]
        sub           = ["StringEquals", [for subject in subjects : "${var.github_subject_prefix}:${subject}"]]
      }
    })
    error_message = "audience, repository id and whole subjects"
  }

  assert {
    condition     = alltrue([for document in data.aws_iam_policy_document.github_trust : length(document.statement) == 1 && document.statement[0].actions == toset(["sts:AssumeRoleWithWebIdentity"])])
    error_message = "no second way in"
  }
}

run "pull_requests_have_a_role_of_their_own_behind_an_environment" {
  assert {
    condition     = local.github_subjects.preview == ["${var.github_subject_prefix}:environment:plan"]
    error_message = "the environment plan, and nothing else"
  }

  assert {
    condition     = !strcontains(jsonencode(local.github_subjects), ":pull_request")
    error_message = "no role trusts a pull request by itself"
  }

  assert {
    condition = toset(flatten([for statement in data.aws_iam_policy_document.preview.statement : statement.actions])) == toset(["s3:GetObject", "kms:Decrypt"]) && data.aws_iam_policy_document.preview.statement[0].resources == toset([
      "arn:aws:s3:::state/env:/dev/aws.tfstate", "arn:aws:s3:::state/env:/dev/dns.tfstate",
    ])
    error_message = "it reads the two states that it plans with, and writes nothing"
  }
}

run "a_subject_without_ids_only_where_that_is_asked_for" {
  variables {
    github_subject_prefix  = "repo:birthdays/backend-cloud-app"
    github_subject_by_name = true
  }

  assert {
    condition     = local.github_subjects["apply-prod"] == ["repo:birthdays/backend-cloud-app:environment:prod"]
    error_message = "the prefix stands before every subject"
  }
}

run "an_existing_provider_is_used" {
  variables {
    github_oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && local.github_oidc_provider == var.github_oidc_provider_arn
    error_message = "an account can hold only one"
  }
}

run "an_account_of_its_own_has_the_roles_of_its_environment" {
  variables {
    environments = ["prod"]
    domains      = { prod = { name = "prod-api.birthdays.test", zone_id = "Z0123456789ABCDEFGHIJ" } }
  }

  assert {
    condition     = keys(aws_iam_role.apply) == ["prod"] && output.apply_role_arns["prod"] == aws_iam_role.apply["prod"].arn
    error_message = "one apply role"
  }
}

run "the_plan_role_changes_nothing" {
  assert {
    condition = alltrue(flatten([
      for statement in data.aws_iam_policy_document.read.statement : [
        for action in statement.actions : can(regex("^[a-z0-9-]+:(Describe|Get|List|BatchGet|BatchCheck)", action))
      ]
    ]))
    error_message = "what it may do in general is to describe, get and list"
  }

  assert {
    condition = alltrue(flatten([
      for statement in data.aws_iam_policy_document.read.statement : [
        for action in statement.actions : !contains(["dynamodb:GetItem", "logs:GetLogEvents", "s3:GetObject", "kms:Decrypt"], action) && !endswith(action, ":Get*") && !endswith(action, ":*")
      ]
    ]))
    error_message = "and it reads no data"
  }

  assert {
    condition = jsonencode({
      for statement in data.aws_iam_policy_document.read.statement : statement.sid => sort(statement.resources) if contains(statement.actions, "eks:DescribeUpdate")
      }) == jsonencode({
      DescribeClusters = sort(flatten([
        for environment in var.environments : [
          for resource in ["access-entry/%s/*", "addon/%s/*", "cluster/%s", "nodegroup/%s/*"] : "arn:aws:eks:eu-west-1:123456789012:${format(resource, "${environment}-eks-cluster")}"
        ]
      ]))
    })
    error_message = "an apply waits for the updates of clusters, add-ons and node groups"
  }

  assert {
    condition = jsonencode({
      for statement in data.aws_iam_policy_document.plan.statement : statement.sid => [sort(statement.actions), sort(statement.resources)]
      }) == jsonencode({
      LockState       = [["s3:DeleteObject", "s3:PutObject"], [for environment in ["dev", "prod", "staging"] : "arn:aws:s3:::state/env:/${environment}/*.tflock"]]
      ReadState       = [["s3:GetObject"], [for environment in ["dev", "prod", "staging"] : "arn:aws:s3:::state/env:/${environment}/*"]]
      SavePlans       = [["s3:PutObject"], [for environment in ["dev", "prod", "staging"] : "arn:aws:s3:::state/plans/${environment}/*"]]
      UseKeyThroughS3 = [["kms:Decrypt", "kms:GenerateDataKey"], [aws_kms_key.shared.arn]]
    })
    error_message = "it writes locks and plans, never a state"
  }
}

run "an_apply_role_stays_in_its_environment" {
  assert {
    condition = alltrue(flatten([
      for environment in var.environments : [
        for statement in data.aws_iam_policy_document.apply_state[environment].statement : [
          for resource in statement.resources : strcontains(resource, ":/${environment}/") || strcontains(resource, "/plans/${environment}/") || resource == aws_kms_key.shared.arn
        ]
      ]
    ]))
    error_message = "state and plans of its environment"
  }

  assert {
    condition = alltrue(flatten([
      for environment in var.environments : [
        for statement in data.aws_iam_policy_document.apply_network[environment].statement : length(statement.condition) > 0
      ]
    ]))
    error_message = "the network's statements are conditional"
  }

  assert {
    condition = alltrue(flatten([
      for environment in var.environments : [
        for statement in concat(data.aws_iam_policy_document.apply_network[environment].statement, data.aws_iam_policy_document.apply_cluster[environment].statement) : [
          for condition in statement.condition : jsonencode(condition.values) == jsonencode([environment]) if endswith(condition.variable, "Tag/Environment") && condition.test != "Null"
        ]
      ]
    ]))
    error_message = "the tag is the environment's own"
  }

  assert {
    condition = alltrue(flatten([
      for environment in var.environments : [
        for document in [data.aws_iam_policy_document.apply_network, data.aws_iam_policy_document.apply_cluster, data.aws_iam_policy_document.apply_iam, data.aws_iam_policy_document.apply_state, data.aws_iam_policy_document.apply_edge] : [
          for statement in document[environment].statement : [for action in statement.actions : !strcontains(action, "*")]
        ]
      ]
    ]))
    error_message = "no wildcard among the actions"
  }
}

run "no_role_is_made_outside_the_boundary" {
  assert {
    condition = alltrue(flatten([
      for environment in var.environments : [
        for statement in data.aws_iam_policy_document.apply_iam[environment].statement : anytrue([
          for condition in statement.condition : condition.variable == "iam:PermissionsBoundary" && jsonencode(condition.values) == jsonencode(["arn:aws:iam::123456789012:policy/boundary-${environment}"])
        ]) if length(setintersection(statement.actions, ["iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"])) > 0
      ]
    ]))
    error_message = "creating a role, giving it a policy and setting its boundary need the boundary"
  }

  assert {
    condition = length(setintersection(
      toset(flatten([for statement in data.aws_iam_policy_document.apply_iam["dev"].statement : statement.actions])),
      [
        "iam:AddUserToGroup", "iam:AttachUserPolicy", "iam:CreateAccessKey", "iam:CreatePolicy", "iam:CreatePolicyVersion",
        "iam:CreateUser", "iam:DeletePolicy", "iam:DeleteRolePermissionsBoundary", "iam:SetDefaultPolicyVersion",
      ],
    )) == 0
    error_message = "neither the boundary nor users are within reach"
  }

  assert {
    condition = alltrue(flatten([
      for document in data.aws_iam_policy_document.boundary : [
        for statement in document.statement : [
          for action in statement.actions : contains(["iam:CreateServiceLinkedRole", "iam:GetServerCertificate", "iam:ListServerCertificates"], action) if startswith(action, "iam:") || startswith(action, "sts:") || startswith(action, "s3:")
        ]
      ]
    ]))
    error_message = "what is inside the boundary reaches no IAM, no other role and no bucket"
  }

  assert {
    condition = alltrue(flatten([
      for environment in var.environments : [
        for statement in data.aws_iam_policy_document.apply_iam[environment].statement : [
          for resource in statement.resources : contains(local.role_arns[environment], resource) || strcontains(resource, ":role/aws-service-role/") || strcontains(resource, ":oidc-provider/oidc.eks.")
        ]
      ]
    ]))
    error_message = "exact names: neither the pipeline's own roles nor those that somebody made by hand"
  }

  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.apply_iam["dev"].statement : length(statement.condition) > 0 if contains(statement.actions, "iam:PassRole")])
    error_message = "a role is passed to the services that need one only"
  }
}

run "a_boundary_holds_a_role_in_its_environment" {
  assert {
    condition     = { for environment, boundary in aws_iam_policy.boundary : environment => boundary.name } == { for environment in var.environments : environment => "backend-cloud-app-boundary-${environment}" }
    error_message = "the names that the root aws spells"
  }

  assert {
    condition = alltrue(flatten([
      for document in data.aws_iam_policy_document.boundary : [
        for statement in document.statement : [
          for action in statement.actions : can(regex("^(acm|autoscaling|ec2|eks|elasticloadbalancing|logs):(Describe|List|GetInstanceTypesFrom|GetSecurityGroupsFor)|^ecr:(Get|Batch)|^cloudwatch:GetMetricData$", action))
        ] if statement.sid == "Look"
      ]
    ]))
    error_message = "of what is not the environment's it looks only"
  }
}

run "every_environment_has_keys_and_a_certificate_for_its_domain" {
  assert {
    condition     = keys(aws_kms_key.cluster) == ["dev", "prod", "staging"] && keys(aws_kms_key.users) == ["dev", "prod", "staging"] && alltrue([for key in concat(values(aws_kms_key.cluster), values(aws_kms_key.users)) : key.enable_key_rotation && key.deletion_window_in_days == 30])
    error_message = "two keys that rotate, and are kept for 30 days after deletion"
  }

  assert {
    condition     = keys(aws_acm_certificate.load_balancer) == ["prod", "staging"] && keys(aws_acm_certificate.edge) == ["prod", "staging"] && alltrue([for certificate in aws_acm_certificate.edge : certificate.region == "us-east-1"])
    error_message = "one for the load balancer, and one where CloudFront takes it from"
  }

  assert {
    condition     = aws_budgets_budget.account[0].limit_amount == "300" && toset(aws_budgets_budget.account[0].notification[*].notification_type) == toset(["ACTUAL", "FORECASTED"])
    error_message = "somebody is told of what was spent, and of what will be"
  }
}

run "the_push_role_pushes_and_cannot_delete" {
  assert {
    condition = jsonencode({
      for statement in data.aws_iam_policy_document.push.statement : statement.sid => sort(statement.actions)
      }) == jsonencode({
      PushAndPull = [
        "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages",
        "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
      ]
      SignIn = ["ecr:GetAuthorizationToken"]
    })
    error_message = "what a push needs, and no more"
  }
}
