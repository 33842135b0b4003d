# Subnets of the internal load balancer that CloudFront reaches: of its own, so that the chart's NetworkPolicy can let them in and
# no pod. They have no route out of the VPC.
resource "aws_subnet" "edge" {
  for_each = local.edge_cidrs

  vpc_id            = aws_vpc.main.id
  availability_zone = each.key
  cidr_block        = each.value

  tags = {
    Name                              = "${local.names.vpc}-edge-${each.key}"
    "kubernetes.io/role/internal-elb" = "1"
  }
}

resource "aws_route_table" "edge" {
  count = var.edge == "off" ? 0 : 1

  vpc_id = aws_vpc.main.id

  tags = { Name = "${local.names.vpc}-edge" }
}

resource "aws_route_table_association" "edge" {
  for_each = local.edge_cidrs

  subnet_id      = aws_subnet.edge[each.key].id
  route_table_id = aws_route_table.edge[0].id
}

# Where CloudFront's requests come from: all that the load balancer's security group lets in.
data "aws_ec2_managed_prefix_list" "cloudfront" {
  count = var.edge == "off" ? 0 : 1

  name = "com.amazonaws.global.cloudfront.origin-facing"
}
