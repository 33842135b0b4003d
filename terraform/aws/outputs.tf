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

output "public_subnet_cidrs" {
  description = "Networks that the load balancer's interfaces are in: all that may reach the pods from outside the cluster."
  value       = values(local.public_cidrs)
}

output "table_name" {
  description = "Table of the users."
  value       = aws_dynamodb_table.users.name
}

output "certificate_arn" {
  description = "Certificate of the host name, once it is validated."
  value       = aws_acm_certificate_validation.backend.certificate_arn
}

output "irsa_role_arns" {
  description = "Roles of the service accounts: backend, load-balancer-controller, cluster-autoscaler, collector, keda, vpc-cni."
  value       = { for name, role in aws_iam_role.irsa : name => role.arn }
}

output "metrics_log_group" {
  description = "Log group that the collector writes metrics to."
  value       = aws_cloudwatch_log_group.this["metrics"].name
}
