# shellcheck shell=bash
# Apply, re-plan and destroy against emulator.py: sourced by run, whose functions and variables it uses.
: "${work:?}" "${here:?}" "${ci_tools:?}"

bucket="backend-cloud-app-state-123456789012-eu-west-1"
backend=(-backend-config="bucket=$bucket" -backend-config=region=eu-west-1 -backend-config=use_lockfile=true)

# shellcheck source=tests/processes.sh
. tests/processes.sh

start_emulator() {
  local port
  pip_install "moto[server]==5.2.5,boto3==1.44.8,cbor2==5.7.1" moto_server
  python=$(dirname "$(readlink "$ci_tools/bin/moto_server")")/python
  port=$(free_port)
  export HTTP_PROXY=http://127.0.0.1:$port NO_PROXY=127.0.0.1
  export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_S3_USE_PATH_STYLE=true AWS_EC2_METADATA_DISABLED=true
  export AWS_ACCESS_KEY_ID=emulated AWS_SECRET_ACCESS_KEY=emulated AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1
  export MOTO_IAM_LOAD_MANAGED_POLICIES=true
  pids=()
  trap 'kill "${pids[@]}" 2>/dev/null || true' EXIT
  start emulator "$python" "$here/emulator.py" "$port"
  until_true 120 "the emulator's first answer" curl --silent --output /dev/null "$AWS_ENDPOINT_URL"
  echo "The emulator is moto 5.2.5. Supplied beside it (emulator.py, emulator_gaps.py):"
  sed -n 's/^- /  &/p' "$here"/emulator*.py
  echo "Left out: nothing; every resource of bootstrap, aws and dns is applied."
}

# aws_do CODE - a line of Python with boto3's client().
aws_do() {
  "$python" -c "from boto3 import client
$1"
}

# planned_again ROOT OPTION... - a plan after the apply finds nothing to do.
planned_again() {
  local root=$1 status=0
  shift
  in_root "$root" plan -no-color -detailed-exitcode "$@" >"$work/logs/$root-replan" 2>&1 || status=$?
  [ "$status" -eq 0 ] || {
    cat "$work/logs/$root-replan"
    fail "$root: a second plan is not empty (exit $status)"
  }
  printf '%-28s %6s  %s\n' "$root-replan" "" "$(grep -E '^No changes' "$work/logs/$root-replan")"
}

# The provider's log names each call that it makes: the roles of the pipeline must allow those, and permissions.py proves it.
# applied NAME ROOT OPTION... - planned, applied as planned, and planned again, in the workspace's environment.
applied() {
  local name=$1 root=$2 options
  settings "$TF_WORKSPACE"
  options=("${settings[@]}" "${@:3}")
  TF_LOG_PROVIDER=DEBUG TF_LOG_PATH=$work/logs/$TF_WORKSPACE-plan-calls closing='^Plan:' \
    logged "$name-plan" in_root "$root" plan -no-color -out="$work/$name.tfplan" "${options[@]}"
  TF_LOG_PROVIDER=DEBUG TF_LOG_PATH=$work/logs/$TF_WORKSPACE-apply-calls closing='^Apply complete' \
    logged "$name-apply" in_root "$root" apply -no-color "$work/$name.tfplan"
  TF_LOG_PROVIDER=DEBUG TF_LOG_PATH=$work/logs/$TF_WORKSPACE-plan-calls planned_again "$root" "${options[@]}"
}

destroyed() {
  local root=$1 left
  settings "$TF_WORKSPACE"
  TF_LOG_PROVIDER=DEBUG TF_LOG_PATH=$work/logs/$TF_WORKSPACE-apply-calls closing='^Destroy complete' \
    logged "$TF_WORKSPACE-$root-destroy" in_root "$root" destroy -no-color -auto-approve "${settings[@]}" "${@:2}"
  left=$(in_root "$root" state list)
  [ -z "$left" ] || fail "$root: after the destroy there is still: $left"
}

bootstrap_settings() {
  settings bootstrap
  settings+=(-var=codebuild_runner=true)
}

apply_bootstrap() {
  bootstrap_settings
  printf 'terraform {\n  backend "local" {}\n}\n' >"$work/terraform/bootstrap/backend_override.tf"
  logged bootstrap-init in_root bootstrap init -no-color
  closing='^Apply complete' logged bootstrap-apply in_root bootstrap apply -no-color -auto-approve "${settings[@]}"
  rm "$work/terraform/bootstrap/backend_override.tf"
  closing=initialized logged bootstrap-migrate in_root bootstrap init -no-color -migrate-state -force-copy \
    "${backend[@]}" -backend-config=key=bootstrap.tfstate
  planned_again bootstrap "${settings[@]}"
}

initialized() {
  closing=initialized logged "$1-init" in_root "$1" init -no-color -reconfigure "${backend[@]}" -backend-config="key=$1.tfstate"
}

# The load balancers that the controller would make, or take away, of the environment.
load_balancer() {
  PYTHONPATH=$here "$python" -c "import load_balancers; load_balancers.$1('$TF_WORKSPACE', '$2')"
}

# dev: no edge, no domain; nodes that sleep; a runner of CodeBuild.
apply_dev() {
  export TF_WORKSPACE=dev
  initialized aws
  applied dev-aws aws
  applied dev-aws-asleep aws -var=asleep=true
  applied dev-aws-awake aws
  # By hand, below its minimum.
  aws_do "client('eks').update_nodegroup_config(clusterName='dev-eks-cluster', nodegroupName='dev-nodes', scalingConfig={'minSize': 0, 'desiredSize': 0, 'maxSize': 3})"
  applied dev-aws-after-zero aws
  # As docs/deploy.md says; dev is the first in that file.
  sed -i '0,/deletion_protection = false/s//&\n      codebuild_runner = true/' "$work/terraform/aws/environments.tf"
  applied dev-aws-runner aws
  initialized dns
  load_balancer make backend
  applied dev-dns dns
}

# staging: the edge and a domain; then the edge off and on again, in the steps of docs/operations.md.
apply_staging() {
  export TF_WORKSPACE=staging
  applied staging-aws aws
  load_balancer make backend-internal
  applied staging-dns dns
  applied staging-aws-both aws -var=edge=both
  load_balancer make backend
  applied staging-dns-both dns -var=edge=both
  applied staging-dns-off dns -var=edge=off
  applied staging-dns-on dns
  # A load balancer that was made anew: its origin is in use, so another takes its place.
  load_balancer remove backend-internal
  load_balancer make backend-internal
  applied staging-dns-new-origin dns
}

destroy_all() {
  local environment
  for environment in staging dev; do
    export TF_WORKSPACE=$environment
    # The load balancer may be gone first: a destroy that was interrupted must be able to go on.
    load_balancer remove backend
    load_balancer remove backend-internal
    destroyed dns
  done
  for environment in staging dev; do
    export TF_WORKSPACE=$environment
    settings "$environment"
    logged "$environment-unprotect" in_root aws apply -no-color -auto-approve "${settings[@]}" -var=deletion_protection=false
    destroyed aws -var=deletion_protection=false
  done
  unset TF_WORKSPACE

  # As bootstrap/README.md says: the state leaves the bucket, the bucket is emptied by hand, then all of it can go.
  bootstrap_settings
  printf 'terraform {\n  backend "local" {}\n}\n' >"$work/terraform/bootstrap/backend_override.tf"
  closing=initialized logged bootstrap-migrate-back in_root bootstrap init -no-color -migrate-state -force-copy
  aws_do "
s3 = client('s3')
listed = s3.list_object_versions(Bucket='$bucket')
for entry in listed.get('Versions', []) + listed.get('DeleteMarkers', []):
    s3.delete_object(Bucket='$bucket', Key=entry['Key'], VersionId=entry['VersionId'])"
  closing='^Destroy complete' logged bootstrap-destroy in_root bootstrap destroy -no-color -auto-approve "${settings[@]}"
  [ -z "$(in_root bootstrap state list)" ] || fail "bootstrap: something is left after the destroy"
}

# apply_against_emulator documents|emulator - writes what the attacks are judged by, or compares it.
apply_against_emulator() {
  start_emulator
  aws_do "client('route53').create_hosted_zone(Name='birthdays.test', CallerReference='tests')"
  aws_do "client('iam').create_role(RoleName='administrators', Path='/platform/', AssumeRolePolicyDocument='{}')"
  apply_bootstrap
  in_root bootstrap show -json >"$work/bootstrap.json"
  apply_dev
  apply_staging
  "$python" "$here/attacks/render.py" "--$1"
  destroy_all
  "$python" "$here/permissions.py" "$work/bootstrap.json" "$work/logs" dev staging
}
