# The change set of a plan, from `terraform show -json`: each address with its action and the names of the attributes that
# change, never a value. Protected is what holds data, or what nobody can make again as it was.
def action:
  if . == ["create"] then "create"
  elif . == ["update"] then "update"
  elif . == ["delete"] then "destroy"
  elif index("delete") and index("create") then "replace"
  elif index("forget") then "forget"
  else null end;

def changed_attributes:
  (.before // {}) as $before | (.after // {}) as $after | (.after_unknown // {}) as $unknown
  | [($before + $after + $unknown) | keys[] | select($before[.] != $after[.] or ($unknown[.] | . == true))];

def irreplaceable: ["aws_dynamodb_table", "aws_ecr_repository", "aws_eks_cluster", "aws_kms_key", "aws_route53_zone", "aws_s3_bucket"];

[
  .resource_changes[]?
  | (.change.actions | action) as $action
  | select($action != null)
  | {
      address,
      action: $action,
      attributes: (if $action == "update" or $action == "replace" then .change | changed_attributes else [] end),
      protected: ((.type as $type | irreplaceable | index($type)) != null and ($action == "destroy" or $action == "replace"))
    }
]
| sort_by(.address)
