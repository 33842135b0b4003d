#!/usr/bin/env bats
# What people see before they approve: change sets, and the comment on a pull request.

load helper

@test "a plan that loses the table is refused unless it is named, and the run's page names what changes and no value" {
  # By hand, as Terraform has no table without a provider, in the form that the next test gets from Terraform itself.
  answer 'terraform * show -json *' '{"resource_changes": [{"address": "aws_dynamodb_table.users", "type": "aws_dynamodb_table",
    "change": {"actions": ["delete", "create"], "before": {"name": "secret-1", "hash_key": "a"},
      "after": {"name": "secret-1", "hash_key": "b"}, "after_unknown": {"arn": true}}}]}'
  refuses "this plan destroys aws_dynamodb_table.users; nothing was kept. If that is meant, plan again with --allow-destroy 'aws_dynamodb_table.users'" plan aws
  [ -z "$(ls -A .plans/dev)" ]
  ALLOW_DESTROY=aws_kms_key.users refuses 'this plan destroys aws_dynamodb_table.users' plan aws
  ALLOW_DESTROY=aws_kms_key.users,aws_dynamodb_table.users passes plan aws
  says 'counts=1 to replace'
  GITHUB_STEP_SUMMARY=$BATS_TEST_TMPDIR/summary stage store-plan --root aws --run 42
  output=$(<"$BATS_TEST_TMPDIR/summary")
  says '### Plan of aws for dev: 1 to replace'
  # shellcheck disable=SC2016 # Markdown
  says '| **replace, and what it holds is lost** | `aws_dynamodb_table.users` | arn, hash_key |'
  says "| $(git rev-parse HEAD) |  | $(jq -r .sha256 .plans/dev/aws.json) | 42 |"
  is_silent_about secret
}

@test "preview shows what Terraform itself would change, without a lock or a value, and store-plan knows that change set again" {
  # The installed Terraform; without a backend it keeps the state in a file.
  # shellcheck disable=SC2016 # expanded there
  printf '#!/usr/bin/env bash\nprintf "terraform %%s\\n" "$*" >>"$CALLS"\nexec %q "$@"\n' "$(PATH=$installed command -v terraform)" \
    >"$scene/bin/terraform"
  for root in aws dns; do
    cat >"terraform/$root/main.tf" <<'EOF'
variable "environment" {}
resource "terraform_data" "kept" { input = "secret-0" }
resource "terraform_data" "updated" { input = { size = 1, token = "secret-1" } }
resource "terraform_data" "replaced" { triggers_replace = "secret-2" }
resource "terraform_data" "before" {}
EOF
    (
      export TF_DATA_DIR=$PWD/terraform/$root/.terraform/dev
      terraform -chdir="terraform/$root" init
      terraform -chdir="terraform/$root" workspace new dev
      terraform -chdir="terraform/$root" apply -auto-approve -var environment=dev
    )
  done
  mkdir -p terraform/kubernetes/tests
  echo '{}' >terraform/kubernetes/tests/backend_values.json
  commit base
  echo '{"a": 1}' >terraform/kubernetes/tests/backend_values.json
  sed -i 's/size = 1/size = 2/; s/secret-2/secret-3/; s/before/after/' terraform/aws/main.tf
  commit head
  # shellcheck disable=SC2016 # expanded there
  does 'helm *' 'cat "${!#}" 2>/dev/null || true'
  : >"$CALLS"
  passes preview --base HEAD~1 --output preview.md
  called 'plan -input=false -lock=false'
  never_called '-or-create'
  output=$(<preview.md)
  # shellcheck disable=SC2016
  says '### aws: 1 to create, 1 to destroy, 1 to replace, 1 to update

| action | address | attributes |
|---|---|---|
| create | `terraform_data.after` |  |
| destroy | `terraform_data.before` |  |
| replace | `terraform_data.replaced` | id, triggers_replace |
| update | `terraform_data.updated` | input, output |'
  says '### dns: no changes' '+{"a": 1}'
  is_silent_about secret
  shown=$(grep '^<!-- shown aws' preview.md)
  rm preview.md
  stage plan aws
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
}
