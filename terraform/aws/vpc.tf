locals {
  # Zone -> position, which decides the zone's networks: /20 for nodes and pods, /24 for load balancers (public ones with NAT). Zones are
  # named, not asked for: one that AWS adds must not move the networks of the others.
  zones = { for position, letter in local.environment.zones : "${var.region}${letter}" => position }

  private_cidrs = { for zone, position in local.zones : zone => cidrsubnet(local.environment.vpc_cidr, 4, position) }
  public_cidrs  = { for zone, position in local.zones : zone => cidrsubnet(local.environment.vpc_cidr, 8, 240 + position) }
  edge_cidrs    = { for zone, position in local.zones : zone => cidrsubnet(local.environment.vpc_cidr, 8, 248 + position) if var.edge != "off" }
}

resource "aws_vpc" "main" {
  # checkov:skip=CKV2_AWS_12: its default group is left as AWS makes it, open to its own members, and nothing is ever one. To empty it, the apply role would have to be allowed to change any group without tags in the account.
  cidr_block           = local.environment.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = local.names.vpc }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id

  tags = { Name = local.names.vpc }
}

resource "aws_subnet" "public" {
  for_each = local.zones

  vpc_id            = aws_vpc.main.id
  availability_zone = each.key
  cidr_block        = local.public_cidrs[each.key]

  tags = {
    Name                     = "${local.names.vpc}-public-${each.key}"
    "kubernetes.io/role/elb" = "1"
  }
}

data "aws_availability_zones" "here" {
  # checkov:skip=CKV_AWS_394: nothing is made of the list; the zones that are named are looked up in it.
}

resource "aws_subnet" "private" {
  for_each = local.zones

  vpc_id            = aws_vpc.main.id
  availability_zone = each.key
  cidr_block        = local.private_cidrs[each.key]

  tags = { Name = "${local.names.vpc}-private-${each.key}" }

  lifecycle {
    precondition {
      condition     = contains(data.aws_availability_zones.here.names, each.key)
      error_message = "environments: ${var.region} has no zone ${each.key} (it has ${join(", ", data.aws_availability_zones.here.names)}): name others."
    }
  }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id

  tags = { Name = "${local.names.vpc}-public" }
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main.id
}

resource "aws_route_table_association" "public" {
  for_each = local.zones

  subnet_id      = aws_subnet.public[each.key].id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table" "private" {
  for_each = local.zones

  vpc_id = aws_vpc.main.id

  tags = { Name = "${local.names.vpc}-private-${each.key}" }
}

resource "aws_route_table_association" "private" {
  for_each = local.zones

  subnet_id      = aws_subnet.private[each.key].id
  route_table_id = aws_route_table.private[each.key].id
}
