# What the account may cost a month before somebody is told: at four fifths of it, and when it is foreseen to be passed.
resource "aws_budgets_budget" "account" {
  count = var.budget == null ? 0 : 1

  name         = local.project
  budget_type  = "COST"
  limit_amount = var.budget.monthly_usd
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  dynamic "notification" {
    for_each = { ACTUAL = 80, FORECASTED = 100 }

    content {
      notification_type          = notification.key
      threshold                  = notification.value
      threshold_type             = "PERCENTAGE"
      comparison_operator        = "GREATER_THAN"
      subscriber_email_addresses = [var.budget.email]
    }
  }
}
