#!/usr/bin/env bats
# The Terraform stages: what they run, in which order, and everything that they refuse.

load helper

plan() { stage plan "$1" --env "${2:-dev}" && succeeds; }

@test "init prepares the root with the account's bucket, a data folder of the environment and its workspace" {
  stage init aws --env staging
  succeeds
  calls_are '^terraform' "terraform -chdir=terraform/aws init -input=false -reconfigure -lockfile=readonly \
-backend-config=bucket=backend-cloud-app-state-$account-eu-west-1 -backend-config=key=aws.tfstate \
-backend-config=region=eu-west-1 -backend-config=use_lockfile=true
terraform -chdir=terraform/aws workspace select -or-create=true staging"
}

@test "init makes a lock file where none is committed" {
  git rm --quiet terraform/aws/.terraform.lock.hcl
  commit "no lock"
  stage init aws
  succeeds
  never_called -lockfile=readonly
}

@test "plan keeps the plan with what it was made from" {
  plan aws
  [ "$(cat .plans/dev/aws.tfplan)" = "terraform -chdir=terraform/aws plan -input=false -lock-timeout=2m -detailed-exitcode -var-file=../env/dev.tfvars" ]
  [ "$(jq -r '[.environment, .root, .account, .region, .commit, .tree, .changes, .image_digest] | join(" ")' .plans/dev/aws.json)" = \
    "dev aws $account eu-west-1 $(git rev-parse HEAD) clean true " ]
  says "sha256=$(jq -r .sha256 .plans/dev/aws.json)"
  [ "$(ls -A .plans/dev)" = "aws.json
aws.tfplan" ]
}

@test "plans are readable by their owner only" {
  plan aws
  [ "$(stat -c %a .plans)" = 700 ]
}

@test "plans are readable by their owner only, whichever stage makes the folder" {
  # shellcheck source=nix/apps/lib.sh
  (stage=test region=eu-west-1 env=dev && . "$repository/nix/apps/lib.sh" && use_cluster)
  [ "$(stat -c %a .plans)" = 700 ]
}

@test "a stage works from a folder below the root of the checkout" {
  cd terraform/aws
  plan aws
  [ -f ../../.plans/dev/aws.tfplan ]
}

@test "plan aws lifts the deletion protection when told to" {
  stage plan aws --env prod --no-deletion-protection
  succeeds
  called '-var-file=../env/prod.tfvars -var=deletion_protection=false'
}

@test "the region is the one of the tfvars, and AWS_REGION must not say another" {
  echo 'region = "us-east-1"' >>terraform/env/dev.tfvars
  plan aws
  called -backend-config=region=us-east-1
  AWS_REGION=eu-west-1 stage plan aws
  ends_with 1
  says "plan-aws: AWS_REGION is 'eu-west-1', terraform/env/dev.tfvars says 'us-east-1': change one of them"
}

@test "ENV names the environment, and --env wins over it" {
  ENV=staging stage plan aws
  succeeds
  [ -f .plans/staging/aws.tfplan ]
  ENV=staging stage plan aws --env=prod
  [ -f .plans/prod/aws.tfplan ]
}

@test "plan kubernetes takes the image of HEAD from the registry, by digest" {
  plan kubernetes
  called "aws ecr describe-images --registry-id $account --repository-name backend-cloud-app --image-ids imageTag=$(git rev-parse HEAD)"
  called "-var=state_bucket=backend-cloud-app-state-$account-eu-west-1 -var=image_tag=$(git rev-parse HEAD) -var=image_digest=$digest"
  [ "$(jq -r .image_digest .plans/dev/kubernetes.json)" = "$digest" ]
}

@test "plan kubernetes deploys another image by its tag" {
  stage plan kubernetes --image-tag 1.0.0
  succeeds
  called "imageTag=1.0.0"
  called "-var=image_tag=1.0.0 -var=image_digest=$digest"
}

@test "plan kubernetes refuses an image that is not in the registry" {
  fails 'aws ecr describe-images *' 254 'An error occurred (ImageNotFoundException) when calling DescribeImages'
  stage plan kubernetes
  ends_with 1
  says "plan-kubernetes: backend-cloud-app:$(git rev-parse HEAD) is not in $account.dkr.ecr.eu-west-1.amazonaws.com: run nix/apps/push-image.sh --env dev"
  never_called ' plan '
}

@test "plan kubernetes does not take another failure of the registry for a missing image" {
  fails 'aws ecr describe-images *' 254 'AccessDenied'
  stage plan kubernetes
  ends_with 1
  says 'AccessDenied'
  is_silent_about 'run push-image'
}

@test "plan kubernetes refuses what is not a digest" {
  stage plan kubernetes --image-digest latest
  ends_with 1
  says "'latest' is not an image digest"
}

@test "plan dns waits until the load balancer of the Ingress is there" {
  answer 'aws elbv2 describe-load-balancers *' '' arn:other "arn:other	arn:ours"
  answer 'aws elbv2 describe-tags *' '{"TagDescriptions": []}' '{"TagDescriptions": [{"ResourceArn": "arn:ours", "Tags": [
    {"Key": "elbv2.k8s.aws/cluster", "Value": "dev-eks-cluster"}, {"Key": "ingress.k8s.aws/stack", "Value": "dev/backend"}]}]}'
  plan dns
  says 'waiting for the load balancer: no load balancer for the Ingress dev/backend'
  [ "$(grep -c describe-load-balancers "$CALLS")" -eq 3 ]
}

@test "plan dns takes no load balancer of another cluster or Ingress for its own" {
  answer 'aws elbv2 describe-load-balancers *' "arn:a	arn:b"
  answer 'aws elbv2 describe-tags *' '{"TagDescriptions": [
    {"ResourceArn": "arn:a", "Tags": [{"Key": "elbv2.k8s.aws/cluster", "Value": "dev-eks-cluster"}]},
    {"ResourceArn": "arn:b", "Tags": [{"Key": "elbv2.k8s.aws/cluster", "Value": "prod-eks-cluster"},
      {"Key": "ingress.k8s.aws/stack", "Value": "dev/backend"}]}]}'
  WAIT_TIMEOUT=0 stage plan dns
  ends_with 1
  says 'plan-dns: waiting for the load balancer: still no load balancer for the Ingress dev/backend after 0 s'
  never_called ' plan '
}

@test "plan dns stops when the load balancers cannot be listed" {
  fails 'aws elbv2 describe-load-balancers *' 255 'ExpiredToken'
  stage plan dns
  ends_with 1
  says ExpiredToken
  never_called ' plan '
}

@test "a failed plan leaves none, not even the one before" {
  plan aws
  fails 'terraform * plan *' 1 'Error: no'
  stage plan aws
  ends_with 1
  says 'plan-aws: terraform plan of terraform/aws failed (above); nothing was changed'
  [ -z "$(ls -A .plans/dev)" ]
}

@test "a failed init shows what Terraform said and the remedy" {
  fails 'terraform * init *' 1 'Error: S3 bucket does not exist'
  stage plan aws
  ends_with 1
  says 'Error: S3 bucket does not exist'
  says "if it misses the bucket backend-cloud-app-state-$account-eu-west-1, run nix/apps/plan.sh bootstrap and nix/apps/apply.sh bootstrap"
}

@test "apply runs exactly the file that was planned, and only once" {
  plan aws
  stage apply aws --yes
  succeeds
  called "terraform -chdir=terraform/aws apply -input=false -lock-timeout=2m $(printf %q "$PWD/.plans/dev/aws.tfplan")"
  [ -z "$(ls -A .plans/dev)" ]
  stage apply aws --yes
  ends_with 1
  says 'apply-aws: there is no plan of aws for dev: run nix/apps/plan.sh aws --env dev'
}

@test "apply aws points the kubeconfig at the cluster afterwards" {
  plan aws
  stage apply aws --yes
  [ "$(tail -n 1 "$CALLS")" = "aws eks update-kubeconfig --region eu-west-1 --name dev-eks-cluster --alias dev-eks-cluster" ]
}

@test "apply dns prints the URL" {
  answer 'aws elbv2 describe-load-balancers *' arn:ours
  answer 'aws elbv2 describe-tags *' '{"TagDescriptions": [{"ResourceArn": "arn:ours", "Tags": [
    {"Key": "elbv2.k8s.aws/cluster", "Value": "dev-eks-cluster"}, {"Key": "ingress.k8s.aws/stack", "Value": "dev/backend"}]}]}'
  plan dns
  stage apply dns --yes
  succeeds
  says 'url=https://dev.example.org'
}

@test "apply of a plan without changes asks nothing and applies nothing" {
  fails 'terraform * plan *' 0 ''
  plan aws prod
  stage apply aws --env prod
  succeeds
  says 'the plan has no changes'
  never_called ' apply '
}

@test "apply keeps the plan when Terraform fails, and says what to do" {
  plan aws
  fails 'terraform * apply *' 1 'Error: limit'
  stage apply aws --yes
  ends_with 1
  says 'what was done is in the state; run nix/apps/plan.sh aws --env dev again'
}

# refused ARGUMENT... LINE - apply must refuse, with that line, before Terraform runs.
refused() {
  : >"$CALLS"
  stage apply "${@:1:$#-1}"
  ends_with 1
  says "${!#}"
  never_called 'terraform '
}

# A table: what happened since the plan, and the line that refuses it.
@test "apply refuses a plan when anything that it was made from is another" {
  plan aws
  keep_scene
  while IFS='|' read -r happened line; do
    back_to_scene
    eval "$happened"
    refused aws --yes "$line"
  done <<'EOF'
commit second|apply-aws: the commit was '
echo >>Cargo.toml|the tree has uncommitted changes since the plan: undo them, or commit and run nix/apps/plan.sh aws --env dev again
touch terraform/aws/new.tf|the tree has uncommitted changes since the plan
answer 'aws sts get-caller-identity *' 999999999999|apply-aws: the account was '123456789012' when this was planned and is '999999999999' now: run nix/apps/plan.sh aws --env dev again
export AWS_REGION=us-east-1|the region was 'eu-west-1' when this was planned and is 'us-east-1' now
git update-index --assume-unchanged terraform/aws/.terraform.lock.hcl && echo changed >terraform/aws/.terraform.lock.hcl|apply-aws: terraform/aws/.terraform.lock.hcl was '
git update-index --assume-unchanged terraform/env/dev.tfvars && echo changed >terraform/env/dev.tfvars|apply-aws: terraform/env/dev.tfvars was '
echo >>.plans/dev/aws.tfplan|apply-aws: .plans/dev/aws.tfplan or its record is not what was planned: run nix/apps/plan.sh aws --env dev again
jq '.changes = false' .plans/dev/aws.json >record && mv record .plans/dev/aws.json|apply-aws: .plans/dev/aws.tfplan or its record is not what was planned
EOF
}

@test "apply refuses a plan that was made from a changed tree" {
  echo >>Cargo.toml
  plan aws
  says 'this plan can be read but not applied, the tree has uncommitted changes: commit them and run nix/apps/plan.sh aws --env dev again'
  git checkout --quiet Cargo.toml
  refused aws --yes 'apply-aws: the plan was made from uncommitted changes: commit them and run nix/apps/plan.sh aws --env dev again'
}

@test "apply refuses a plan of another environment, put in the wrong place" {
  plan aws dev
  mkdir .plans/staging
  cp .plans/dev/aws.* .plans/staging
  PLAN_SHA256=$(jq -r .sha256 .plans/dev/aws.json) refused aws --env staging "the environment was 'dev' when this was planned and is 'staging' now"
}

@test "a plan without changes is held to the approved digest too" {
  fails 'terraform * plan *' 0 ''
  plan aws prod
  PLAN_SHA256=$(printf '%064d' 0) refused aws --env prod 'nothing was changed'
  PLAN_SHA256=$(jq -r .sha256 .plans/prod/aws.json) stage apply aws --env prod
  succeeds
  says 'the plan has no changes'
}

@test "apply refuses a plan whose image is another one now" {
  plan kubernetes
  answer 'aws ecr describe-images *' sha256:2222222222222222222222222222222222222222222222222222222222222222
  refused kubernetes --yes "apply-kubernetes: the image's digest was '$digest' when this was planned and is 'sha256:2222"
}

@test "apply refuses a plan of another image than the one asked for" {
  plan kubernetes
  refused kubernetes --yes --image-digest sha256:3333333333333333333333333333333333333333333333333333333333333333 \
    "the image's digest was '$digest' when this was planned"
}

@test "apply names everything that differs, a line each" {
  plan aws
  commit second
  answer 'aws sts get-caller-identity *' 999999999999
  echo >>.plans/dev/aws.tfplan
  refused aws --yes 'is not what was planned'
  [ "$(grep -c 'run nix/apps/plan.sh aws --env dev again' <<<"$output")" -eq 3 ]
}

@test "dev asks, and takes y for yes" {
  plan aws
  typing y apply aws
  succeeds
  called ' apply '
}

@test "dev asks, and takes anything else for no" {
  plan aws
  typing '' apply aws
  ends_with 1
  says 'apply-aws: not confirmed; nothing was changed'
  never_called ' apply '
  [ -f .plans/dev/aws.tfplan ]
}

@test "dev refuses to guess where there is nobody to ask" {
  plan aws
  stage apply aws
  ends_with 1
  says 'apply-aws: nobody to ask on this terminal: --yes answers'
  never_called ' apply '
}

@test "staging and prod take the plan's digest from PLAN_SHA256" {
  for env in staging prod; do
    plan aws "$env"
    PLAN_SHA256=$(jq -r .sha256 ".plans/$env/aws.json") stage apply aws --env "$env"
    succeeds
    called "apply -input=false -lock-timeout=2m $(printf %q "$PWD/.plans/$env/aws.tfplan")"
  done
}

@test "prod takes the plan's digest typed" {
  plan aws prod
  typing "$(jq -r .sha256 .plans/prod/aws.json)" apply aws --env prod
  succeeds
  called ' apply '
}

@test "prod does not take y, --yes, another digest or silence" {
  plan aws prod
  typing y apply aws --env prod
  ends_with 1
  says "'y' is not the digest of the plan"
  stage apply aws --env prod --yes
  ends_with 1
  says "--yes does not answer for prod: type the digest of each plan, or set PLAN_SHA256 for an apply"
  PLAN_SHA256=$(printf '%064d' 0) stage apply aws --env prod
  ends_with 1
  says 'nothing was changed'
  stage apply aws --env prod
  ends_with 1
  says 'nobody to ask on this terminal: set PLAN_SHA256'
  never_called ' apply '
}

@test "destroy plans the end, asks, and applies that plan" {
  stage destroy aws --yes
  ends_with 1
  says 'planning the end of terraform/aws failed'
  fails 'terraform * plan *' 0 ''
  : >"$CALLS"
  stage destroy aws --yes
  succeeds
  run grep -oE '^terraform .* (plan -destroy|apply)' "$CALLS"
  [ "$output" = "terraform -chdir=terraform/aws plan -destroy
terraform -chdir=terraform/aws apply" ]
}

@test "destroy of an empty state does nothing" {
  answer 'terraform * state list' ''
  stage destroy aws --yes
  succeeds
  says 'nothing to destroy'
  never_called ' apply '
}

@test "destroy of prod takes no --yes" {
  fails 'terraform * plan *' 0 ''
  stage destroy aws --env prod --yes
  ends_with 1
  says '--yes does not answer for prod'
  never_called ' apply '
}

@test "destroy of kubernetes needs no image" {
  fails 'terraform * plan *' 0 ''
  stage destroy kubernetes --yes
  succeeds
  never_called describe-images
  never_called image_tag
}

@test "bootstrap keeps its state in a file until its bucket is there, then moves it" {
  fails 'aws s3api head-bucket *' 254 'An error occurred (404) when calling the HeadBucket operation: Not Found'
  stage plan bootstrap
  succeeds
  grep -q 'backend "local"' terraform/bootstrap/backend_override.tf
  called 'terraform -chdir=terraform/bootstrap init -input=false -reconfigure -lockfile=readonly'
  never_called -backend-config
  echo '{}' >terraform/bootstrap/terraform.tfstate
  stage apply bootstrap --yes
  succeeds
  called "init -input=false -migrate-state -force-copy -lockfile=readonly -backend-config=bucket=backend-cloud-app-state-$account-eu-west-1 -backend-config=key=bootstrap.tfstate"
  [ ! -e terraform/bootstrap/backend_override.tf ]
  [ ! -e terraform/bootstrap/terraform.tfstate ]
}

@test "bootstrap goes on with its local state after an apply that was cut off" {
  echo '{}' >terraform/bootstrap/terraform.tfstate
  stage plan bootstrap
  succeeds
  grep -q 'backend "local"' terraform/bootstrap/backend_override.tf
}

@test "bootstrap uses the bucket when it is there" {
  stage plan bootstrap
  succeeds
  called -backend-config=key=bootstrap.tfstate
  never_called 'workspace select'
  called '-var-file=../env/bootstrap.tfvars'
}

@test "bootstrap does not take a forbidden bucket for a missing one" {
  fails 'aws s3api head-bucket *' 254 'An error occurred (403) when calling the HeadBucket operation: Forbidden'
  stage plan bootstrap
  ends_with 1
  says '(403)'
  never_called terraform
}

@test "bootstrap has no destroy among the stages" {
  stage destroy bootstrap
  ends_with 1
  says 'terraform/bootstrap/README.md'
}

@test "a dry run shows the commands and runs none" {
  for verb in init plan apply destroy; do
    for root in aws kubernetes dns; do
      stage "$verb" "$root" --dry-run
      succeeds
      says "+ terraform -chdir=terraform/$root init"
    done
  done
  [ ! -s "$CALLS" ] || explain "something was called"
  [ ! -e .plans ]
}

@test "a signal reaches Terraform, leaves no half plan, and the stage says how to go on" {
  hangs 'terraform * plan *'
  "$repository/nix/apps/plan.sh" aws >"$BATS_TEST_TMPDIR/output" 2>&1 </dev/null 3>&- &
  stage_pid=$!
  until [ -e "$SCENE/hanging" ]; do sleep 0.1; done
  kill -TERM "$stage_pid"
  status=0
  wait "$stage_pid" || status=$?
  output=$(<"$BATS_TEST_TMPDIR/output")
  ends_with 143
  says 'plan-aws: interrupted: nothing was changed; run nix/apps/plan.sh aws --env dev again'
  called 'terraform got TERM'
  [ -z "$(ls -A .plans/dev)" ]
}

@test "Ctrl-C during an apply reaches Terraform, and the stage says how to go on" {
  plan aws
  hangs 'terraform * apply *'
  # As a terminal does: the signal goes to the whole process group. The PATH is given again for pythons that change it.
  status=0
  python3 "$BATS_TEST_DIRNAME/ctrl_c.py" "$SCENE/hanging" \
    env PATH="$PATH" "$repository/nix/apps/apply.sh" aws --yes \
    >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- || status=$?
  output=$(<"$BATS_TEST_TMPDIR/output")
  ends_with 130
  says 'apply-aws: interrupted: what was done is in the state; run nix/apps/plan.sh aws --env dev, then nix/apps/apply.sh aws --env dev'
  [ "$(grep -c 'terraform got INT' "$CALLS")" -eq 1 ] || explain "not once"
}

@test "what a killed stage left behind is gone at the next one" {
  mkdir -p .plans/dev/.plan-aws.99999999
  plan aws
  [ ! -e .plans/dev/.plan-aws.99999999 ]
}

@test "misuse is told in one line and ends with 64" {
  stage plan aws --env qa
  ends_with 64
  says "plan-aws: unknown environment 'qa' (--env or ENV): dev, staging or prod: see plan-aws --help"
  stage plan aws --yes
  ends_with 64
  says "plan-aws: unknown option '--yes'"
  stage plan aws --env
  ends_with 64
  says 'plan-aws: --env needs a value'
  stage plan aws dev
  ends_with 64
  says "plan-aws: unexpected argument 'dev'"
  stage plan moon
  ends_with 64
  stage plan
  ends_with 64
  [ ! -s "$CALLS" ]
}

@test "credentials that do not work, or are another account's, stop a stage before anything" {
  fails 'aws sts *' 255 'Unable to locate credentials'
  stage plan aws
  ends_with 1
  says 'Unable to locate credentials'
  says 'plan-aws: no usable AWS credentials (above): sign in, or set AWS_PROFILE'
  answer 'aws sts *' "$account"
  AWS_ACCOUNT_ID=999999999999 stage plan aws
  ends_with 1
  says "the credentials are of account $account, AWS_ACCOUNT_ID says 999999999999"
  never_called terraform
}

@test "a stage outside a checkout says so" {
  cd "$BATS_TEST_TMPDIR"
  stage plan aws
  ends_with 1
  says 'plan-aws: not in a git checkout: run it in a clone of backend-cloud-app'
}
