# shellcheck shell=bash
# Apply, re-plan and destroy against emulator.py: sourced by run, whose functions and variables it uses.
# shellcheck disable=SC2154

bucket="backend-cloud-app-state-123456789012-eu-west-1"
backend=(-backend-config="bucket=$bucket" -backend-config=region=eu-west-1 -backend-config=use_lockfile=true)

# shellcheck source=tests/processes.sh
. tests/processes.sh

start_emulator() {
  local port tries=0
  pip_install "moto[server]==5.2.5,boto3==1.44.8" moto_server
  python=$(dirname "$(readlink "$ci_tools/bin/moto_server")")/python
  port=$(free_port)
  export HTTP_PROXY=http://127.0.0.1:$port NO_PROXY=127.0.0.1
  export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_S3_USE_PATH_STYLE=true AWS_EC2_METADATA_DISABLED=true
  export AWS_ACCESS_KEY_ID=emulated AWS_SECRET_ACCESS_KEY=emulated AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1
  MOTO_IAM_LOAD_MANAGED_POLICIES=true "$python" "$here/emulator.py" "$port" >"$work/logs/emulator" 2>&1 &
  emulator=$!
  trap 'kill "$emulator" 2>/dev/null || true' EXIT
  until curl --silent --output /dev/null "$AWS_ENDPOINT_URL"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 240 ] || ! kill -0 "$emulator" 2>/dev/null; then
      fail "the emulator did not start: $work/logs/emulator"
    fi
    sleep 0.5
  done
  echo "The emulator is moto 5.2.5. Supplied in front of it (emulator.py):"
  "$python" "$here/emulator.py" --gaps | sed 's/^/  - /'
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

nothing_left() {
  local left
  left=$(in_root "$1" state list)
  [ -z "$left" ] || fail "$1: after the destroy there is still: $left"
}

# refused NAME TEXT COMMAND... - fails, and says so.
refused() {
  local name=$1 text=$2
  shift 2
  if "$@" >"$work/logs/$name" 2>&1; then
    fail "$name: should have been refused"
  fi
  tr '\n' ' ' <"$work/logs/$name" | tr -s ' ' | grep -qF "$text" || {
    cat "$work/logs/$name"
    fail "$name: refused, but not for: $text"
  }
  printf '%-28s %6s  refused: %s\n' "$name" "" "$text"
}

apply_bootstrap() {
  local options=(-var-file="$here/environments/bootstrap.tfvars")
  printf 'terraform {\n  backend "local" {}\n}\n' >"$work/terraform/bootstrap/backend_override.tf"
  logged bootstrap-init in_root bootstrap init -no-color
  closing='^Apply complete' logged bootstrap-apply in_root bootstrap apply -no-color -auto-approve "${options[@]}"
  rm "$work/terraform/bootstrap/backend_override.tf"
  closing=initialized logged bootstrap-migrate in_root bootstrap init -no-color -migrate-state -force-copy \
    "${backend[@]}" -backend-config=key=bootstrap.tfstate
  planned_again bootstrap "${options[@]}"
}

# The provider's log names each call that it makes: the roles of the pipeline must allow those, and this proves it.
apply_aws() {
  local options=(-var-file="$here/environments/dev.tfvars") plan=$work/aws.tfplan
  closing=initialized logged aws-init in_root aws init -no-color "${backend[@]}" -backend-config=key=aws.tfstate
  aws_do "client('s3').put_object(Bucket='$bucket', Key='env:/dev/aws.tfstate.tflock', Body=b'{\"ID\":\"somebody else\"}')"
  refused aws-plan-while-locked "Error acquiring the state lock" in_root aws plan -no-color "${options[@]}"
  aws_do "client('s3').delete_object(Bucket='$bucket', Key='env:/dev/aws.tfstate.tflock')"

  TF_LOG_PROVIDER=DEBUG TF_LOG_PATH=$work/logs/aws-plan-calls closing='^Plan:' \
    logged aws-plan in_root aws plan -no-color -out="$plan" "${options[@]}"
  TF_LOG_PROVIDER=DEBUG TF_LOG_PATH=$work/logs/aws-apply-calls closing='^Apply complete' \
    logged aws-apply in_root aws apply -no-color "$plan"
  TF_LOG_PROVIDER=DEBUG TF_LOG_PATH=$work/logs/aws-plan-calls planned_again aws "${options[@]}"
}

apply_dns() {
  local options=(-var-file="$here/environments/dev.tfvars")
  closing=initialized logged dns-init in_root dns init -no-color "${backend[@]}" -backend-config=key=dns.tfstate
  refused dns-too-early "there are 0, not one: apply kubernetes first" in_root dns plan -no-color "${options[@]}"
  aws_do "
subnets = [subnet['SubnetId'] for subnet in client('ec2').describe_subnets(Filters=[{'Name': 'tag:kubernetes.io/role/elb', 'Values': ['1']}])['Subnets']]
tags = {'elbv2.k8s.aws/cluster': 'dev-eks-cluster', 'ingress.k8s.aws/stack': 'dev/backend'}
client('elbv2').create_load_balancer(Name='k8s-dev-backend', Subnets=subnets, Tags=[{'Key': k, 'Value': v} for k, v in tags.items()])"
  TF_LOG_PROVIDER=DEBUG TF_LOG_PATH=$work/logs/dns-plan-calls closing='^Plan:' \
    logged dns-plan in_root dns plan -no-color -out="$work/dns.tfplan" "${options[@]}"
  TF_LOG_PROVIDER=DEBUG TF_LOG_PATH=$work/logs/dns-apply-calls closing='^Apply complete' \
    logged dns-apply in_root dns apply -no-color "$work/dns.tfplan"
  planned_again dns "${options[@]}"
}

destroy_all() {
  local options=(-no-color -auto-approve)
  export closing='^Destroy complete'
  # The load balancer may be gone first: a destroy that was interrupted must be able to go on.
  aws_do "
elb = client('elbv2')
[elb.delete_load_balancer(LoadBalancerArn=balancer['LoadBalancerArn']) for balancer in elb.describe_load_balancers()['LoadBalancers']]"
  TF_WORKSPACE=dev TF_LOG_PROVIDER=DEBUG TF_LOG_PATH=$work/logs/dns-apply-calls \
    logged dns-destroy in_root dns destroy "${options[@]}" -var-file="$here/environments/dev.tfvars"
  TF_WORKSPACE=dev nothing_left dns
  TF_WORKSPACE=dev TF_LOG_PROVIDER=DEBUG TF_LOG_PATH=$work/logs/aws-apply-calls \
    logged aws-destroy in_root aws destroy "${options[@]}" -var-file="$here/environments/dev.tfvars"
  TF_WORKSPACE=dev nothing_left aws

  # As bootstrap/README.md says: the state leaves the bucket, the bucket is emptied by hand, then all of it can go.
  printf 'terraform {\n  backend "local" {}\n}\n' >"$work/terraform/bootstrap/backend_override.tf"
  closing=initialized logged bootstrap-migrate-back in_root bootstrap init -no-color -migrate-state -force-copy
  aws_do "
s3 = client('s3')
listed = s3.list_object_versions(Bucket='$bucket')
for entry in listed.get('Versions', []) + listed.get('DeleteMarkers', []):
    s3.delete_object(Bucket='$bucket', Key=entry['Key'], VersionId=entry['VersionId'])"
  logged bootstrap-destroy in_root bootstrap destroy "${options[@]}" -var-file="$here/environments/bootstrap.tfvars"
  nothing_left bootstrap
}

apply_against_emulator() {
  start_emulator
  aws_do "client('route53').create_hosted_zone(Name='birthdays.test', CallerReference='tests')"
  aws_do "client('iam').create_role(RoleName='administrators', Path='/platform/', AssumeRolePolicyDocument='{}')"
  apply_bootstrap
  export TF_WORKSPACE=dev
  apply_aws
  apply_dns
  unset TF_WORKSPACE
  in_root bootstrap show -json >"$work/bootstrap.json"
  destroy_all
  python3 "$here/permissions.py" "$work/bootstrap.json" dev "$work/logs"
}
