locals {
  # One NAT gateway costs less, and its zone's loss cuts off the other zones; one a zone costs more and fails alone.
  nat_zones = local.environment.nat_gateways == "per_zone" ? local.zones : { for zone, position in local.zones : zone => position if position == 0 }

  nat_zone_of = { for zone in keys(local.zones) : zone => contains(keys(local.nat_zones), zone) ? zone : one(keys(local.nat_zones)) }
}

resource "aws_eip" "nat" {
  for_each = local.nat_zones

  domain = "vpc"

  tags = { Name = "${local.names.vpc}-nat-${each.key}" }
}

resource "aws_nat_gateway" "this" {
  for_each = local.nat_zones

  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.public[each.key].id

  tags = { Name = "${local.names.vpc}-${each.key}" }

  # Without a route to the internet a NAT gateway is made, and forwards nothing.
  depends_on = [aws_route.internet, aws_route_table_association.public]
}

resource "aws_route" "nat" {
  for_each = local.zones

  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[local.nat_zone_of[each.key]].id
}
