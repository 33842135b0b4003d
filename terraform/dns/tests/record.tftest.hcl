mock_provider "aws" {}

run "the_name_points_to_the_load_balancer_of_the_environment" {
  override_data {
    target = data.aws_lbs.backend
    values = { arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/k8s-backend/0123456789abcdef"] }
  }

  override_data {
    target = data.aws_lb.backend
    values = { dns_name = "k8s-backend.eu-west-1.elb.amazonaws.com", zone_id = "Z32O12XQLNTSW2" }
  }

  assert {
    condition     = data.aws_lbs.backend.tags == tomap({ "elbv2.k8s.aws/cluster" = "${var.environment}-eks-cluster", "ingress.k8s.aws/stack" = "${var.environment}/backend" })
    error_message = "found by the tags that the controller gives it"
  }

  assert {
    condition     = aws_route53_record.backend.name == var.acm_domain_name && aws_route53_record.backend.zone_id == var.route53_zone_id && aws_route53_record.backend.type == "A"
    error_message = "the environment's name, in the environment's zone"
  }

  assert {
    condition     = aws_route53_record.backend.alias[0].name == "k8s-backend.eu-west-1.elb.amazonaws.com" && aws_route53_record.backend.alias[0].zone_id == "Z32O12XQLNTSW2"
    error_message = "an alias of the load balancer"
  }

  assert {
    condition     = output.url == "https://${var.environment}-api.birthdays.test"
    error_message = "the address to open"
  }
}

run "too_early_there_is_no_load_balancer" {
  command = plan

  override_data {
    target = data.aws_lbs.backend
    values = { arns = [] }
  }

  expect_failures = [aws_route53_record.backend]
}

run "two_load_balancers_are_not_guessed_between" {
  command = plan

  override_data {
    target = data.aws_lbs.backend
    values = { arns = ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/one/1", "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/two/2"] }
  }

  expect_failures = [aws_route53_record.backend]
}
