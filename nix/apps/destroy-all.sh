#!/usr/bin/env bash
# Takes an environment down, in the order in which nothing is left behind: `destroy-all.sh dev` is the stage destroy-dev.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=nix/apps/lib/steps.sh
. "$here/lib/steps.sh"
env=${1:-}
stage=destroy-$env
named_by 'dev|staging|prod' "$env"

usage() {
  cat <<EOF
usage: $stage [--from dns|backend|kubernetes|aws] [--yes] [--dry-run]

Destroys terraform/dns, the backend release, then, when AWS has no load balancer of the cluster any more (DESTROY_WAIT,
900 s), terraform/kubernetes and terraform/aws. Where deletion protection is on, it says how to lift it and destroys nothing.

  --from STEP  begin at this step: where a run that stopped says to go on
  --yes        do not ask; dev only: staging and prod ask for the digest of each plan
  --dry-run    show the commands, run none
EOF
}

# Protection that stops a destroy half-way is found before anything is gone.
refuse_protected() {
  local state protected=
  state=$(describe ResourceNotFoundException aws dynamodb describe-table --table-name "$env-users" \
    --query Table.DeletionProtectionEnabled --output text)
  [ "$state" != True ] || protected="the table $env-users"
  state=$(describe ResourceNotFoundException aws eks describe-cluster --name "$cluster" \
    --query cluster.deletionProtection --output text)
  [ "$state" != True ] || protected+="${protected:+ and }the cluster $cluster"
  [ -z "$protected" ] || die "deletion protection is on for $protected; nothing was destroyed. First run" \
    "'$(stage_command plan-aws --env "$env" --no-deletion-protection)' and '$(stage_command apply-aws --env "$env")'," \
    "then $(stage_command "$stage") again"
}

remove_backend() {
  vpc=$(describe ResourceNotFoundException aws eks describe-cluster --name "$cluster" \
    --query cluster.resourcesVpcConfig.vpcId --output text) || return 1
  if [ -z "$vpc" ] && [ -z "$dry_run" ]; then
    say "there is no cluster $cluster, so no release either"
    return
  fi
  use_cluster || return 1
  # Its Ingress goes with it, and the controller, which is still there, takes the load balancer away.
  run helm --kube-context "$cluster" --namespace "$env" uninstall backend --ignore-not-found --wait --timeout 10m ||
    return 1
  await "${DESTROY_WAIT:-900}" "waiting for AWS to let go" leftovers
}

# What the load balancer controller made for the cluster and has not removed yet. Interfaces of running nodes carry the
# cluster's tag too, so of those only the unattached count. CloudFront deletes its group some time after the last VPC origin.
leftovers() {
  local balancers interfaces loose groups edge
  balancers=$(load_balancers "elbv2.k8s.aws/cluster=$cluster") || return 1
  interfaces=$(interfaces "Name=vpc-id,Values=$vpc" "Name=description,Values=ELB *") || return 1
  loose=$(interfaces "Name=tag:cluster.k8s.amazonaws.com/name,Values=$cluster" "Name=status,Values=available") || return 1
  groups=$(security_groups "Name=tag:elbv2.k8s.aws/cluster,Values=$cluster") || return 1
  edge=$(security_groups "Name=vpc-id,Values=$vpc" "Name=group-name,Values=CloudFront-VPCOrigins-Service-SG") || return 1
  # shellcheck disable=SC2086 # one line of names
  echo $balancers $interfaces $loose $groups $edge
}

security_groups() {
  ask "" aws ec2 describe-security-groups --filters "$@" --query 'SecurityGroups[].GroupId' --output text
}

interfaces() {
  ask "" aws ec2 describe-network-interfaces --filters "$@" --query 'NetworkInterfaces[].NetworkInterfaceId' --output text
}

onward() { stage_command "$stage" --from "$1" ${yes:+--yes}; }

options "from= yes" "${@:2}"
enter_checkout
settings
case ${from:=dns} in
  dns | backend | kubernetes | aws) ;;
  *) misuse "unknown step '$from' (--from): dns, backend, kubernetes or aws" ;;
esac
refuse_yes
need terraform aws helm jq git
find_account
cluster=$(cluster_name)
refuse_protected
for each in $(steps_from "$from" dns backend kubernetes aws); do
  case $each in
    backend) step backend backend remove_backend ;;
    *) step "$each" "$each" "$here/destroy.sh" "$each" --env "$env" ${yes:+--yes} ${dry_run:+--dry-run} ;;
  esac
done
finish "; the state bucket, the images and the roles stay: they belong to bootstrap"
