output "region" {
  description = "Region of the environment."
  value       = var.region
}

output "cluster_name" {
  description = "Name of the cluster, as `aws eks update-kubeconfig` takes it."
  value       = aws_eks_cluster.main.name
}

output "cluster_endpoint" {
  description = "Address of the cluster's API."
  value       = aws_eks_cluster.main.endpoint
}

output "cluster_certificate_authority" {
  description = "Certificate authority of the cluster's API, in base64."
  value       = aws_eks_cluster.main.certificate_authority[0].data
}

output "cluster_version" {
  description = "Kubernetes version of the cluster."
  value       = aws_eks_cluster.main.version
}

output "vpc_id" {
  description = "VPC of the environment."
  value       = aws_vpc.main.id
}

output "load_balancer_cidrs" {
  description = "Networks that load balancers' interfaces are in: all that may reach the pods from outside the cluster."
  value       = concat(var.edge == "on" ? [] : values(local.public_cidrs), values(local.edge_cidrs))
}

output "edge_prefix_list_ids" {
  description = "Prefix lists that may reach the internal load balancer; none without the edge."
  value       = data.aws_ec2_managed_prefix_list.cloudfront[*].id
}

output "table_name" {
  description = "Table of the users."
  value       = aws_dynamodb_table.users.name
}

output "certificate_arn" {
  description = "Certificate of the host name; null without one."
  value       = one(data.aws_acm_certificate.backend[*].arn)
}

output "irsa_role_arns" {
  description = "Roles of the service accounts: backend, load-balancer-controller, cluster-autoscaler, collector, keda, vpc-cni."
  value       = { for name, role in aws_iam_role.irsa : name => role.arn }
}

output "metrics_log_group" {
  description = "Log group that the collector writes metrics to."
  value       = aws_cloudwatch_log_group.this["metrics"].name
}
