# KEDA asks how many requests there were. CloudWatch has no resources for its metrics, so the action is all there is to limit.
data "aws_iam_policy_document" "keda" {
  statement {
    sid       = "ReadMetrics"
    actions   = ["cloudwatch:GetMetricData"]
    resources = ["*"]
  }
}
