output "namespace" {
  description = "Namespace of the backend."
  value       = kubernetes_namespace_v1.backend.metadata[0].name
}

output "release" {
  description = "Helm release of the backend."
  value       = helm_release.backend.name
}

output "image" {
  description = "Image that the release runs."
  value       = "${local.backend_values.image.repository}/${local.project}@${coalesce(var.image_digest, "none")}"
}
