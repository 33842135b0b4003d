# All that the service may do on AWS. The table's key is reached through DynamoDB (kms.tf).
data "aws_iam_policy_document" "backend" {
  statement {
    sid       = "ReadAndWriteOneUser"
    actions   = ["dynamodb:GetItem", "dynamodb:PutItem"]
    resources = [aws_dynamodb_table.users.arn]
  }
}
