locals {
  tags = {
    Project     = "backend-cloud-app"
    Environment = var.environment
    Root        = "dns"
    ManagedBy   = "terraform"
  }

  # What the load balancer controller tags a load balancer with.
  load_balancer_tags = {
    "elbv2.k8s.aws/cluster" = "${var.environment}-eks-cluster"
    "ingress.k8s.aws/stack" = "${var.environment}/backend"
  }
}
