# tests/observability holds the widgets to what the collector sends; here, that the root makes the dashboard of them.
mock_provider "aws" {
  source = "./tests/mocks"
}

run "a_dashboard_of_the_environment_with_its_load_balancer" {
  assert {
    condition     = aws_cloudwatch_dashboard.backend.dashboard_name == "${var.environment}-backend" && length(jsondecode(aws_cloudwatch_dashboard.backend.dashboard_body).widgets) == length(local.widgets)
    error_message = "every widget, in the environment's dashboard"
  }

  assert {
    condition     = strcontains(aws_cloudwatch_dashboard.backend.dashboard_body, "app/k8s-backend/0123456789abcdef") && strcontains(aws_cloudwatch_dashboard.backend.dashboard_body, "backend-cloud-app/${var.environment}")
    error_message = "the environment's own figures"
  }
}
