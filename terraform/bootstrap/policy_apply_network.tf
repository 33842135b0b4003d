# EC2 has no names to match, so ownership is the Environment tag: it must be on what is made, and on what is changed.
data "aws_iam_policy_document" "apply_network" {
  for_each = var.environments

  statement {
    sid     = "CreateTagged"
    actions = local.ec2_create_actions
    resources = formatlist("${local.arn.ec2}:%s/*", [
      "elastic-ip", "internet-gateway", "launch-template", "natgateway", "route-table", "subnet", "vpc", "vpc-endpoint", "vpc-flow-log",
    ])

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/Environment"
      values   = [each.key]
    }
  }

  # Most of these also act on something that exists: a subnet is made in a VPC.
  statement {
    sid       = "CreateWithinOwn"
    actions   = local.ec2_create_actions
    resources = formatlist("${local.arn.ec2}:%s/*", ["elastic-ip", "route-table", "security-group", "subnet", "vpc"])

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Environment"
      values   = [each.key]
    }
  }

  statement {
    sid       = "TagWhatIsCreated"
    actions   = ["ec2:CreateTags"]
    resources = ["${local.arn.ec2}:*"]

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = concat([for action in local.ec2_create_actions : trimprefix(action, "ec2:")], ["RunInstances"])
    }
  }

  statement {
    sid = "ChangeAndDeleteOwn"
    actions = [
      "ec2:AssociateRouteTable",
      "ec2:AttachInternetGateway",
      "ec2:CreateLaunchTemplateVersion",
      "ec2:CreateRoute",
      "ec2:DeleteFlowLogs",
      "ec2:DeleteInternetGateway",
      "ec2:DeleteLaunchTemplate",
      "ec2:DeleteLaunchTemplateVersions",
      "ec2:DeleteNatGateway",
      "ec2:DeleteRoute",
      "ec2:DeleteRouteTable",
      "ec2:DeleteSubnet",
      "ec2:DeleteTags",
      "ec2:DeleteVpc",
      "ec2:DeleteVpcEndpoints",
      "ec2:DetachInternetGateway",
      "ec2:DisassociateRouteTable",
      "ec2:ModifyLaunchTemplate",
      "ec2:ModifySubnetAttribute",
      "ec2:ModifyVpcAttribute",
      "ec2:ModifyVpcEndpoint",
      "ec2:ReleaseAddress",
      "ec2:ReplaceRoute",
      "ec2:ReplaceRouteTableAssociation",
    ]
    resources = ["${local.arn.ec2}:*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Environment"
      values   = [each.key]
    }
  }

  # A tag is never given away: what is the environment's own stays its own.
  statement {
    sid       = "RetagOwn"
    actions   = ["ec2:CreateTags"]
    resources = ["${local.arn.ec2}:*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Environment"
      values   = [each.key]
    }

    condition {
      test     = "StringEqualsIfExists"
      variable = "aws:RequestTag/Environment"
      values   = [each.key]
    }
  }

  # A NAT gateway's interface is AWS's own and carries no tag, so what carries none is not spared.
  statement {
    sid       = "FreeAddresses"
    actions   = ["ec2:DisassociateAddress"]
    resources = ["${local.arn.ec2}:elastic-ip/*", "${local.arn.ec2}:network-interface/*"]

    condition {
      test     = "StringEqualsIfExists"
      variable = "aws:ResourceTag/Environment"
      values   = [each.key]
    }
  }

  # EKS tries the node group's launch template in the caller's name: the template and the subnet are the environment's own.
  statement {
    sid       = "RunFromOwnLaunchTemplates"
    actions   = ["ec2:RunInstances"]
    resources = formatlist("${local.arn.ec2}:%s/*", ["launch-template", "subnet"])

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/Environment"
      values   = [each.key]
    }
  }

  # The rest cannot be asked for the tag: the image is AWS's, the security group is made by EKS, and the others do not exist
  # yet. They are reached only together with a template and a subnet, which the statement above limits.
  statement {
    sid     = "RunFromLaunchTemplates"
    actions = ["ec2:RunInstances"]
    resources = concat(
      formatlist("${local.arn.ec2}:%s/*", ["instance", "network-interface", "security-group", "volume"]),
      ["arn:${local.partition}:ec2:${var.region}::image/*"],
    )

    condition {
      test     = "ArnLike"
      variable = "ec2:LaunchTemplate"
      values   = ["${local.arn.ec2}:launch-template/*"]
    }
  }
}

locals {
  ec2_create_actions = [
    "ec2:AllocateAddress",
    "ec2:CreateFlowLogs",
    "ec2:CreateInternetGateway",
    "ec2:CreateLaunchTemplate",
    "ec2:CreateNatGateway",
    "ec2:CreateRouteTable",
    "ec2:CreateSubnet",
    "ec2:CreateVpc",
    "ec2:CreateVpcEndpoint",
  ]
}
