mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  edge            = "on"
  acm_domain_name = "api.birthdays.test"
  route53_zone_id = "Z0123456789ABCDEFGHIJ"
}

run "the_load_balancer_is_found_by_the_tags_that_the_controller_gives_it" {
  assert {
    condition = { for scheme, found in data.aws_lbs.backend : scheme => found.tags } == {
      for scheme, ingress in { internet-facing = "backend", internal = "backend-internal" } :
      scheme => tomap({ "elbv2.k8s.aws/cluster" = "${var.environment}-eks-cluster", "ingress.k8s.aws/stack" = "${var.environment}/${ingress}" })
    }
    error_message = "cluster and Ingress"
  }
}

run "behind_the_edge_the_name_points_to_cloudfront_over_both_protocols" {
  assert {
    condition     = { for type, record in aws_route53_record.backend : type => record.alias[0].name } == { A = "d111111abcdef8.cloudfront.net", AAAA = "d111111abcdef8.cloudfront.net" }
    error_message = "A and AAAA, aliases of the distribution"
  }

  assert {
    condition     = output.url == "https://api.birthdays.test" && aws_cloudfront_distribution.backend[0].aliases == toset(["api.birthdays.test"])
    error_message = "the address to open"
  }
}

run "without_the_edge_it_points_to_the_load_balancer" {
  variables {
    edge = "off"
  }

  assert {
    condition     = { for type, record in aws_route53_record.backend : type => record.alias[0].name } == { A = "k8s-backend.eu-west-1.elb.amazonaws.com" } && length(aws_cloudfront_distribution.backend) == 0
    error_message = "an alias of the load balancer, and no CloudFront"
  }
}

run "without_a_domain_the_edge_is_reached_under_cloudfronts_name" {
  variables {
    acm_domain_name = null
    route53_zone_id = null
  }

  assert {
    condition     = output.url == "https://d111111abcdef8.cloudfront.net" && length(aws_route53_record.backend) == 0 && aws_cloudfront_vpc_origin.backend[0].vpc_origin_endpoint_config[0].origin_protocol_policy == "http-only"
    error_message = "no record and no certificate"
  }
}

run "too_early_there_is_no_load_balancer" {
  command = plan

  override_data {
    target = data.aws_lbs.backend
    values = { arns = [] }
  }

  expect_failures = [terraform_data.load_balancer]
}

run "two_load_balancers_are_not_guessed_between" {
  command = plan

  override_data {
    target = data.aws_lbs.backend
    values = { arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/one/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/two/2"] }
  }

  expect_failures = [terraform_data.load_balancer]
}
