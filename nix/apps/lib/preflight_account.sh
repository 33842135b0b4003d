# shellcheck shell=bash
# What preflight asks the account: who may enter the cluster, what bootstrap made, locks, quotas. Sourced by preflight, which has
# passed, skipped, failed and at_once, and has set identity and cluster, the endpoint of the cluster that is there.

check_entry() {
  local role
  case $identity in *:assumed-role/*) ;; *) skipped entry "no role is at hand" && return ;; esac
  role=$(cut -d / -f 2 <<<"$identity")
  case $role in
    backend-cloud-app-*) passed entry "the pipeline's roles have their entries" && return ;;
  esac
  if tfvar cluster_admin_role_arns | sed 's|.*/||' | grep -qxF "$role"; then
    passed entry "$role administers the cluster"
  else
    failed entry "$role may not enter the cluster" "add 'aws iam get-role --role-name $role --query Role.Arn' to cluster_admin_role_arns in $tfvars"
  fi
}

check_bootstrap() {
  local registries
  registries=$(describe RepositoryNotFoundException aws ecr describe-repositories --repository-names "$image_name" charts/backend \
    --query 'length(repositories)' --output text)
  if [ "$registries" = 2 ] && aws s3api head-bucket --bucket "$(state_bucket)" >/dev/null; then
    passed bootstrap "the state's bucket and the registries are there"
  else
    failed bootstrap "the state's bucket or the registries are not there" "$(stage_command plan-bootstrap), then $(stage_command apply-bootstrap)"
  fi
}

check_locks() {
  local key keys held=
  keys=$(describe NoSuchBucket aws s3api list-objects-v2 --bucket "$(state_bucket)" --prefix "env:/$env/" \
    --query "Contents[?ends_with(Key, '.tflock')].Key" --output text)
  for key in $keys; do
    [ "$key" != None ] || continue
    held+=" ${key##*/} by $(aws s3 cp "s3://$(state_bucket)/$key" - | jq -r '"\(.Who) since \(.Created) (\(.Operation), ID \(.ID))"')"
  done
  if [ -z "$held" ]; then
    passed locks "no apply runs"
  else
    failed locks "held:$held" "wait for it; if nobody runs it, docs/operations.md says how to take the lock away"
  fi
}

# quota NAME SERVICE CODE USED NEEDED
quota() {
  local limit
  if ! limit=$(aws service-quotas get-service-quota --service-code "$2" --quota-code "$3" --query Quota.Value --output text 2>&1); then
    skipped "$1" "the quota may not be asked as this role"
  elif [ $((${limit%.*} - $4)) -ge "$5" ]; then
    passed "$1" "$4 of ${limit%.*} in use, $5 needed"
  else
    failed "$1" "$4 of ${limit%.*} in use, $5 needed" "aws service-quotas request-service-quota-increase --service-code $2 --quota-code $3 --desired-value $(($4 + $5))"
  fi
}

# of_environment PATH - what the tfvars say of the environment, or else environments.tf.
of_environment() {
  local own
  own=$(tfvar "environments.$env.$1")
  if [ -n "$own" ]; then echo "$own"; else hcl terraform/aws/environments.tf "variable.environments.default.$env.$1"; fi
}

# Only what is not there yet needs room: the nodes' vCPUs, a NAT address a zone or one, a VPC.
check_quotas() {
  if [ -n "$cluster" ]; then passed quotas "$(cluster_name) is there"; else at_once vcpus addresses vpcs; fi
}

check_vcpus() {
  local type size each=2 used
  for type in $(of_environment nodes.instance_types); do
    # Graviton has 4 vCPUs in an xlarge, and 2 or less in what is smaller.
    size=${type#*.}
    case $size in
      *xlarge) size=$((4 * $(echo "${size%xlarge}" | grep . || echo 1))) ;;
      *) size=2 ;;
    esac
    [ "$size" -le "$each" ] || each=$size
  done
  used=$(aws ec2 describe-instances --filters Name=instance-state-name,Values=pending,running --output json \
    --query 'Reservations[].Instances[].CpuOptions' | jq '[.[]? | .CoreCount * .ThreadsPerCore] | add // 0')
  quota vcpus ec2 L-1216C47A "$used" $((each * $(of_environment nodes.max)))
}

check_addresses() {
  local used zones=1
  [ "$(of_environment nat_gateways)" != per_zone ] || zones=$(of_environment zones | grep -c .)
  used=$(aws ec2 describe-addresses --query 'length(Addresses)' --output text)
  quota addresses ec2 L-0263D0A3 "$used" "$zones"
}

check_vpcs() {
  local used
  used=$(aws ec2 describe-vpcs --query 'length(Vpcs)' --output text)
  quota vpcs vpc L-F678F1CE "$used" 1
}
