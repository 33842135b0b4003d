#!/usr/bin/env bats
# A state that Terraform could not write: push-state puts it where it belongs.

load helper

errored=terraform/aws/errored.tfstate

# state FILE|- SERIAL LINEAGE
state() { printf '{"serial": %s, "lineage": "%s"}' "$2" "$3" | if [ "$1" = - ]; then cat; else cat >"$1"; fi; }

is_left() {
  state "$errored" 4 ours
  fails 'aws s3api get-object *' 254 NoSuchKey
  answer 'terraform * state pull' "$(state - 3 ours)"
}

# A lock in the bucket, of that time.
lock_is_held() { does 'aws s3api get-object *' "echo '{\"ID\": \"abc\", \"Who\": \"me@here\", \"Created\": \"$1\"}' >\"\${!#}\""; }

@test "push-state shows both serials and lineages, asks, pushes, and takes the file away" {
  is_left
  typing n push-state --root aws
  ends_with 1
  says 'errored.tfstate has serial 4 of lineage ours' 'the bucket has serial 3 of lineage ours'
  never_called 'state push'
  [ -e "$errored" ]
  typing y push-state --root aws
  succeeds
  called 'terraform -chdir=terraform/aws state push errored.tfstate'
  [ ! -e "$errored" ]
  says 'pushed; go on with nix/apps/plan.sh aws --env dev'
  passes push-state --root aws
  says 'nothing to push'
}

@test "push-state pushes no state of another environment, and none over a newer one" {
  is_left
  answer 'terraform * state pull' "$(state - 3 theirs)"
  refuses 'is not of aws in dev: its lineage is another' push-state --root aws --until-pushed
  answer 'terraform * state pull' "$(state - 4 ours)"
  refuses 'the bucket has a newer state: somebody has applied since' push-state --root aws --until-pushed
  never_called 'state push'
  [ -e "$errored" ]
}

@test "push-state takes away the lock that the apply could not, and nobody else's" {
  is_left
  lock_is_held 2020-01-01T00:00:00.1Z
  passes push-state --root aws --yes
  called 'terraform -chdir=terraform/aws force-unlock -force abc'
  state "$errored" 4 ours
  : >"$CALLS"
  lock_is_held 2999-01-01T00:00:00.1Z
  refuses 'me@here has the lock since 2999-01-01T00:00:00.1Z, after this state was left' push-state --root aws --yes
  never_called force-unlock 'state push'
}

@test "in a workflow it tries until the state is pushed, and the page of the run says what became of it" {
  is_left
  export GITHUB_STEP_SUMMARY=$BATS_TEST_TMPDIR/summary RETRY_INTERVAL=0 AWS_ACCOUNT_IDS="{\"dev\": \"$account\"}"
  fails 'aws sts *' 255 'Could not connect'
  fails 'terraform * init *' 1 'no such host'
  next_answer 0 '' ''
  fails 'terraform * state push *' 1 'no such host'
  next_answer 0 '' ''
  passes push-state --root aws --until-pushed
  [ "$(grep -c 'not pushed (above): again in 0 s' <<<"$output")" -eq 2 ]
  grep -q 'could not write its state' "$GITHUB_STEP_SUMMARY"
  [ "$(tail -n 1 "$GITHUB_STEP_SUMMARY")" = "The state of \`aws\` in \`dev\` is pushed: plan and apply again." ]
}
