#!/usr/bin/env bats
# The Terraform stages: what they run, in which order, and everything that they refuse.

load helper

plan() { stage plan "$1" --env "${2:-dev}" && succeeds; }

@test "init changes no lock file, and makes one where there is none" {
  passes init aws
  called -lockfile=readonly -backend-config=use_lockfile=true 'workspace select -or-create'
  : >"$CALLS"
  git rm --quiet terraform/aws/.terraform.lock.hcl
  passes init aws
  never_called -lockfile=readonly
}

@test "plan keeps the plan with what it was made from, where its owner alone can read it" {
  plan aws
  [ "$(cat .plans/dev/aws.tfplan)" = "terraform -chdir=terraform/aws plan -input=false -lock-timeout=2m -detailed-exitcode -var-file=../env/dev.tfvars" ]
  [ "$(jq -r '[.environment, .root, .account, .region, .commit, .tree, .changes, .image_digest] | join(" ")' .plans/dev/aws.json)" = \
    "dev aws $account eu-west-1 $(git rev-parse HEAD) clean true " ]
  says "sha256=$(jq -r .sha256 .plans/dev/aws.json)"
  [ "$(ls -A .plans/dev)" = "aws.json
aws.tfplan" ]
  [ "$(stat -c %a .plans)" = 700 ]
}

@test "ENV names the environment, --env wins over it, and the folder within the checkout does not matter" {
  cd terraform/aws
  ENV=staging passes plan aws
  [ -f ../../.plans/staging/aws.tfplan ]
  ENV=staging stage plan aws --env=prod --no-deletion-protection
  [ -f ../../.plans/prod/aws.tfplan ]
  called '-var-file=../env/prod.tfvars -var=deletion_protection=false'
}

@test "the region is the one of the tfvars, and AWS_REGION must not say another" {
  echo 'region = "us-east-1"' >>terraform/env/dev.tfvars
  plan aws
  called -backend-config=region=us-east-1
  AWS_REGION=eu-west-1 refuses "plan-aws: AWS_REGION is 'eu-west-1', terraform/env/dev.tfvars says 'us-east-1': change one of them" plan aws
}

@test "plan kubernetes takes the image of HEAD or of another tag from the registry, by digest" {
  plan kubernetes
  called "aws ecr describe-images --registry-id $account --repository-name backend-cloud-app --image-ids imageTag=$(git rev-parse HEAD)"
  called "-var=state_bucket=backend-cloud-app-state-$account-eu-west-1 -var=image_tag=$(git rev-parse HEAD) -var=image_digest=$digest"
  [ "$(jq -r .image_digest .plans/dev/kubernetes.json)" = "$digest" ]
  stage plan kubernetes --image-tag 1.0.0
  called "-var=image_tag=1.0.0 -var=image_digest=$digest"
}

@test "an image that is not in the registry is refused before anything is planned, and no other failure is taken for that" {
  all_is_well dev
  fails 'aws ecr describe-images *' 254 'An error occurred (ImageNotFoundException) when calling DescribeImages'
  refuses "plan-kubernetes: backend-cloud-app:$(git rev-parse HEAD) is not in $account.dkr.ecr.eu-west-1.amazonaws.com: run nix/apps/push-image.sh --env dev" plan kubernetes
  refuses 'deploy-dev: backend-cloud-app:9.9.9 is not in ' deploy dev --yes --image-tag 9.9.9
  fails 'aws ecr describe-images *' 254 'AccessDenied'
  refuses 'AccessDenied' plan kubernetes
  is_silent_about 'run push-image'
  never_called ' plan '
}

@test "plan dns waits until the load balancer of its own Ingress is there, and takes none of another cluster or Ingress for it" {
  local cluster=elbv2.k8s.aws/cluster=dev-eks-cluster stack=ingress.k8s.aws/stack=dev/backend
  answer 'aws elbv2 describe-load-balancers *' '' $'arn:a\tarn:b'
  answer 'aws elbv2 describe-tags *' "$(tags arn:a $cluster)" "$(tags arn:a elbv2.k8s.aws/cluster=prod-eks-cluster $stack)" \
    "$(tags arn:a $cluster $stack)"
  plan dns
  says 'waiting for the load balancer: no load balancer for the Ingress dev/backend'
  [ "$(grep -c -- '--resource-arns arn:a arn:b' "$CALLS")" -eq 3 ]
  : >"$CALLS"
  answer 'aws elbv2 describe-load-balancers *' ''
  WAIT_TIMEOUT=0 refuses 'plan-dns: waiting for the load balancer: still no load balancer for the Ingress dev/backend after 0 s' plan dns
  fails 'aws elbv2 describe-load-balancers *' 255 'ExpiredToken'
  refuses ExpiredToken plan dns
  never_called ' plan '
}

@test "a failed init, plan or apply shows what Terraform said and the remedy, and leaves no plan, not even the one before" {
  plan aws
  fails 'terraform * apply *' 1 'Error: limit'
  refuses 'what was done is in the state; run nix/apps/plan.sh aws --env dev again' apply aws --yes
  fails 'terraform * plan *' 1 'Error: no'
  refuses 'plan-aws: terraform plan of terraform/aws failed (above); nothing was changed' plan aws
  [ -z "$(ls -A .plans/dev)" ]
  fails 'terraform * init *' 1 'Error: S3 bucket does not exist'
  refuses 'Error: S3 bucket does not exist' plan aws
  says "if it misses the bucket backend-cloud-app-state-$account-eu-west-1, run nix/apps/plan.sh bootstrap and nix/apps/apply.sh bootstrap"
}

@test "apply runs exactly the file that was planned, takes it away, and points the kubeconfig at the cluster" {
  plan aws
  passes apply aws --yes
  called "terraform -chdir=terraform/aws apply -input=false -lock-timeout=2m $(printf %q "$PWD/.plans/dev/aws.tfplan")"
  [ "$(tail -n 1 "$CALLS")" = "aws eks update-kubeconfig --region eu-west-1 --name dev-eks-cluster --alias dev-eks-cluster" ]
  [ -z "$(ls -A .plans/dev)" ]
}

@test "apply of a plan without changes asks nothing and applies nothing, but only of the approved digest" {
  fails 'terraform * plan *' 0 ''
  plan aws prod
  PLAN_SHA256=$(printf '%064d' 0) refused aws --env prod 'nothing was changed'
  PLAN_SHA256=$(jq -r .sha256 .plans/prod/aws.json) stage apply aws --env prod
  succeeds
  plan aws prod
  passes apply aws --env prod
  says 'the plan has no changes'
  never_called ' apply '
}

# refused ARGUMENT... LINE - apply must refuse, with that line, before Terraform runs.
refused() {
  : >"$CALLS"
  refuses "${!#}" apply "${@:1:$#-1}"
  never_called 'terraform '
}

# A table: the root, what happened since its plan, and the line that refuses it.
@test "apply refuses a plan when anything that it was made from is another, and names all that is" {
  plan aws
  plan kubernetes
  keep_scene
  while IFS='|' read -r root happened line; do
    back_to_scene
    (eval "$happened" && refused "$root" --yes "$line")
  done <<'EOF'
aws|commit second|apply-aws: the commit was '
aws|echo >>Cargo.toml|the tree has uncommitted changes since the plan: undo them, or commit and run nix/apps/plan.sh aws --env dev again
aws|touch terraform/aws/new.tf|the tree has uncommitted changes since the plan
aws|answer 'aws sts get-caller-identity *' 999999999999|apply-aws: the account was '123456789012' when this was planned and is '999999999999' now: run nix/apps/plan.sh aws --env dev again
aws|export AWS_REGION=us-east-1|the region was 'eu-west-1' when this was planned and is 'us-east-1' now
aws|git update-index --assume-unchanged terraform/aws/.terraform.lock.hcl && echo changed >terraform/aws/.terraform.lock.hcl|apply-aws: terraform/aws/.terraform.lock.hcl was '
aws|git update-index --assume-unchanged terraform/env/dev.tfvars && echo changed >terraform/env/dev.tfvars|apply-aws: terraform/env/dev.tfvars was '
aws|echo >>.plans/dev/aws.tfplan|apply-aws: .plans/dev/aws.tfplan or its record is not what was planned: run nix/apps/plan.sh aws --env dev again
aws|jq '.changes = false' .plans/dev/aws.json >record && mv record .plans/dev/aws.json|apply-aws: .plans/dev/aws.tfplan or its record is not what was planned
aws|jq '.commit = "another"' .plans/dev/aws.json >record && mv record .plans/dev/aws.json|apply-aws: .plans/dev/aws.tfplan or its record is not what was planned
kubernetes|answer 'aws ecr describe-images *' sha256:22|apply-kubernetes: the image's digest was 'sha256:1111111111111111111111111111111111111111111111111111111111111111' when this was planned and is 'sha256:22' now
kubernetes|export IMAGE_DIGEST=sha256:3333333333333333333333333333333333333333333333333333333333333333|the image's digest was 'sha256:1111
EOF
  back_to_scene
  echo >>Cargo.toml
  plan aws
  says 'this plan can be read but not applied, the tree has uncommitted changes: commit them and run nix/apps/plan.sh aws --env dev again'
  git checkout --quiet Cargo.toml
  refused aws --yes 'apply-aws: the plan was made from uncommitted changes: commit them and run nix/apps/plan.sh aws --env dev again'
  mkdir .plans/staging
  cp .plans/dev/aws.* .plans/staging
  answer 'aws sts get-caller-identity *' 999999999999
  PLAN_SHA256=$(jq -r .sha256 .plans/dev/aws.json) refused aws --env staging "the environment was 'dev' when this was planned and is 'staging' now"
  [ "$(grep -c 'run nix/apps/plan.sh aws --env staging again' <<<"$output")" -eq 4 ] || explain "not each of the four"
}

@test "dev asks, takes y for yes and all else for no, and does not guess where there is nobody to ask" {
  plan aws
  typing '' apply aws
  ends_with 1
  says 'apply-aws: not confirmed; nothing was changed'
  refuses 'apply-aws: nobody to ask on this terminal: --yes answers' apply aws
  never_called ' apply '
  typing y apply aws
  succeeds
  called ' apply '
}

@test "prod takes the plan's digest typed or in PLAN_SHA256, and neither y, nor another digest, nor silence" {
  plan aws prod
  typing y apply aws --env prod
  ends_with 1
  says "'y' is not the digest of the plan"
  PLAN_SHA256=$(printf '%064d' 0) refused aws --env prod 'nothing was changed'
  refuses 'nobody to ask on this terminal: set PLAN_SHA256' apply aws --env prod
  never_called ' apply '
  typing "$(jq -r .sha256 .plans/prod/aws.json)" apply aws --env prod
  succeeds
  called ' apply '
  for env in staging prod; do
    plan aws "$env"
    PLAN_SHA256=$(jq -r .sha256 ".plans/$env/aws.json") stage apply aws --env "$env"
    succeeds
    called "apply -input=false -lock-timeout=2m $(printf %q "$PWD/.plans/$env/aws.tfplan")"
  done
}

@test "destroy plans the end, asks, and applies that plan; kubernetes needs no image for it, an empty state nothing" {
  refuses 'planning the end of terraform/aws failed' destroy aws --yes
  fails 'terraform * plan *' 0 ''
  : >"$CALLS"
  refuses 'nobody to ask on this terminal: --yes answers' destroy kubernetes
  never_called ' apply '
  : >"$CALLS"
  passes destroy kubernetes --yes
  run grep -oE '^terraform .* (plan -destroy|apply)' "$CALLS"
  [ "$output" = "terraform -chdir=terraform/kubernetes plan -destroy
terraform -chdir=terraform/kubernetes apply" ]
  never_called describe-images image_tag
  answer 'terraform * state list' ''
  : >"$CALLS"
  passes destroy aws --yes
  says 'nothing to destroy'
  never_called ' apply '
}

@test "a bootstrap that was cut off after it made its bucket goes on with the state in its file; a forbidden bucket is no missing one" {
  echo '{}' >terraform/bootstrap/terraform.tfstate
  passes plan bootstrap
  grep -q 'backend "local"' terraform/bootstrap/backend_override.tf
  called '-var-file=../env/bootstrap.tfvars'
  never_called -backend-config 'workspace select'
  rm terraform/bootstrap/terraform.tfstate
  : >"$CALLS"
  fails 'aws s3api head-bucket *' 254 'An error occurred (403) when calling the HeadBucket operation: Forbidden'
  refuses '(403)' plan bootstrap
  never_called terraform
}

@test "a signal reaches Terraform, leaves no half plan, and the stage says how to go on" {
  does 'terraform * plan *' hang
  mkdir -p .plans/dev/.plan-aws.99999999
  "$repository/nix/apps/plan.sh" aws >"$BATS_TEST_TMPDIR/output" 2>&1 </dev/null 3>&- &
  stage_pid=$!
  until [ -e "$SCENE/hanging" ]; do sleep 0.1; done
  [ ! -e .plans/dev/.plan-aws.99999999 ] || explain "what a killed stage left behind is still there"
  kill -TERM "$stage_pid"
  status=0
  wait "$stage_pid" || status=$?
  output=$(<"$BATS_TEST_TMPDIR/output")
  ends_with 143
  says 'plan-aws: interrupted: nothing was changed; run nix/apps/plan.sh aws --env dev again'
  called 'terraform got TERM'
  [ -z "$(ls -A .plans/dev)" ]
}

@test "a signal that comes while the command starts reaches it" {
  cat >"$BATS_TEST_TMPDIR/starts" <<'EOF'
. "$1/nix/apps/lib.sh"
set -T
trap '[ "$BASH_COMMAND" != "child=\$!" ] || kill -INT $$' DEBUG
supervise sleep 60
EOF
  run bash "$BATS_TEST_TMPDIR/starts" "$repository"
  ends_with 130
  says 'INT: waiting for the running command to stop'
}

@test "credentials that do not work, or are another account's, stop a stage before anything" {
  fails 'aws sts *' 255 'Unable to locate credentials'
  refuses 'Unable to locate credentials' plan aws
  says 'plan-aws: no usable AWS credentials (above): sign in, or set AWS_PROFILE'
  answer 'aws sts *' "$account"
  AWS_ACCOUNT_ID=999999999999 refuses "the credentials are of account $account, AWS_ACCOUNT_ID says 999999999999" plan aws
  never_called terraform
}
