# The controller makes the load balancer some time after the release, under a name of its own: it is found by its tags.
data "aws_lbs" "backend" {
  tags = local.load_balancer_tags
}

# Each that is found, so that none is no error here: a destroy must go through after the load balancer is gone.
data "aws_lb" "backend" {
  for_each = data.aws_lbs.backend.arns

  arn = each.value
}
