output "region" {
  description = "Region of everything here."
  value       = var.region
}

output "state_bucket" {
  description = "Bucket that holds the state of every root, and the saved plans."
  value       = aws_s3_bucket.state.bucket
}

output "image_repository_url" {
  description = "Repository of the service's image."
  value       = aws_ecr_repository.this["image"].repository_url
}

output "chart_repository_url" {
  description = "Repository of the chart, as an OCI artifact."
  value       = aws_ecr_repository.this["chart"].repository_url
}

output "plan_role_arn" {
  description = "Role that the pipeline plans with."
  value       = aws_iam_role.plan.arn
}

output "apply_role_arns" {
  description = "Role that the pipeline applies with, by environment."
  value       = { for environment, role in aws_iam_role.apply : environment => role.arn }
}

output "push_role_arn" {
  description = "Role that the pipeline pushes images and charts with."
  value       = aws_iam_role.push.arn
}

output "permissions_boundary_arns" {
  description = "Boundary of every role that the root aws creates, by environment."
  value       = { for environment, boundary in aws_iam_policy.boundary : environment => boundary.arn }
}
