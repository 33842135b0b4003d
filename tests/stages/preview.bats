#!/usr/bin/env bats
# What people see before they approve: change sets, and the comment on a pull request. The plan's JSON is Terraform's own form.

load helper

# A plan in which the table is replaced, a group gets another size and a tag, and a log group is new.
the_table_goes() {
  answer 'terraform * show -json *' '{"resource_changes": [
    {"address": "aws_dynamodb_table.users", "type": "aws_dynamodb_table",
     "change": {"actions": ["delete", "create"], "before": {"name": "secret-1", "hash_key": "a"}, "after": {"name": "secret-1", "hash_key": "b"}}},
    {"address": "aws_eks_node_group.main", "type": "aws_eks_node_group",
     "change": {"actions": ["update"], "before": {"size": 2, "arn": "x"}, "after": {"size": 3, "arn": "x"}, "after_unknown": {"version": true}}},
    {"address": "aws_cloudwatch_log_group.new", "type": "aws_cloudwatch_log_group", "change": {"actions": ["create"], "before": null, "after": {"name": "secret-2"}}},
    {"address": "aws_vpc.main", "type": "aws_vpc", "change": {"actions": ["no-op"], "before": {}, "after": {}}}]}'
}

@test "a plan that loses the table is refused unless it is named" {
  the_table_goes
  stage plan aws
  ends_with 1
  says "this plan destroys aws_dynamodb_table.users; nothing was kept. If that is meant, plan again with --allow-destroy 'aws_dynamodb_table.users'"
  [ -z "$(ls -A .plans/dev)" ]
  ALLOW_DESTROY=aws_kms_key.users stage plan aws
  ends_with 1
  ALLOW_DESTROY=aws_kms_key.users,aws_dynamodb_table.users stage plan aws
  succeeds
  says 'counts=1 to create, 1 to replace, 1 to update'
}

@test "the page of the run has counts, addresses, actions and names of what changes, and no value" {
  the_table_goes
  export GITHUB_STEP_SUMMARY=$BATS_TEST_TMPDIR/summary
  stage plan aws --allow-destroy aws_dynamodb_table.users
  stage store-plan --root aws --run 42
  succeeds
  output=$(<"$GITHUB_STEP_SUMMARY")
  says '### Plan of aws for dev: 1 to create, 1 to replace, 1 to update'
  # shellcheck disable=SC2016 # Markdown
  says '| **replace, and what it holds is lost** | `aws_dynamodb_table.users` | hash_key |'
  # shellcheck disable=SC2016
  says '| update | `aws_eks_node_group.main` | size, version |'
  # shellcheck disable=SC2016
  says '| create | `aws_cloudwatch_log_group.new` |  |'
  is_silent_about secret
  is_silent_about aws_vpc
}

@test "preview plans without a lock, writes addresses and the rendered difference, and store-plan knows the change set again" {
  the_table_goes
  mkdir -p terraform/kubernetes/tests
  echo '{}' >terraform/kubernetes/tests/backend_values.json
  commit base
  echo '{"a": 1}' >terraform/kubernetes/tests/backend_values.json
  commit head
  # shellcheck disable=SC2016 # expanded there
  printf '#!/usr/bin/env bash\ncat "${!#}" 2>/dev/null || true\n' >"$scene/bin/helm"
  stage preview --base HEAD~1 --output preview.md
  succeeds
  called 'plan -input=false -lock=false'
  never_called '-or-create'
  output=$(<preview.md)
  says '### aws: 1 to create, 1 to replace, 1 to update'
  says '+{"a": 1}'
  is_silent_about secret
  shown=$(grep '^<!-- shown' preview.md)
  rm preview.md
  stage plan aws --allow-destroy aws_dynamodb_table.users
  export GITHUB_STEP_SUMMARY=$BATS_TEST_TMPDIR/summary GITHUB_REPOSITORY=greeter/backend-cloud-app
  answer 'gh api *commits/*/pulls *' 7
  answer 'gh api --paginate *issues/7/comments *' "$shown"
  stage store-plan --root aws --run 1
  grep -q 'This is the change set that the pull request showed' "$GITHUB_STEP_SUMMARY"
  answer 'gh api --paginate *issues/7/comments *' "<!-- shown aws $(printf '%064d' 0) -->"
  stage store-plan --root aws --run 2
  grep -q 'This is not the change set' "$GITHUB_STEP_SUMMARY"
}

@test "there is one comment: made once, then edited, marked when a newer commit comes, and cut to GitHub's size" {
  export GITHUB_REPOSITORY=greeter/backend-cloud-app
  head -c 90000 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/preview.md"
  comment() { stage comment-preview --pull-request 7 "$@"; }
  comment --stale
  succeeds
  never_called '--method'
  comment --file "$BATS_TEST_TMPDIR/preview.md"
  called 'gh api --method POST repos/greeter/backend-cloud-app/issues/7/comments'
  [ "$(wc -c <"$SCENE/sent")" -lt 65536 ]
  answer 'gh api --paginate *' 99
  comment --file "$BATS_TEST_TMPDIR/preview.md"
  called 'gh api --method PATCH repos/greeter/backend-cloud-app/issues/comments/99'
  answer 'gh api repos/*/issues/comments/99 --jq .body' '<!-- backend-cloud-app preview -->'
  comment --stale
  grep -q '^> \*\*Outdated\*\*' "$SCENE/sent"
  comment --file ../x --pull-request x
  ends_with 64
}
