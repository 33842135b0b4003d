#!/usr/bin/env bash
# Takes an environment down, in the order in which nothing is left behind: `destroy.sh dev` is the stage destroy-dev.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
env=${1:-}
stage=destroy-$env
# shellcheck source=nix/apps/lib.sh
. "$here/lib.sh"
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

times=
step() {
  local name=$1 began=$SECONDS
  shift
  resume_hint="to go on: $stage --from $name${yes:+ --yes}"
  say "$name"
  "$@" || die "stopped in $name after $(duration $((SECONDS - began))): mend what it says above, then: $stage --from $name${yes:+ --yes}"
  times+=$(printf '  %-12s %s' "$name" "$(duration $((SECONDS - began)))")$'\n'
}

# describe NOT-FOUND COMMAND... - what AWS says of a thing, or nothing when there is no such thing.
describe() {
  local not_found=$1 answer
  shift
  if answer=$(ask "" "$@" 2>&1); then
    # A dry run's answer is the command that it shows.
    if [ -n "$dry_run" ]; then printf '%s\n' "$answer" >&2; else printf '%s\n' "$answer"; fi
  else
    case $answer in *"$not_found"*) ;; *) die "cannot look up what is deployed: $answer" ;; esac
  fi
}

# Protection that stops a destroy half-way is found before anything is gone.
refuse_protected() {
  local table state protected=
  table=$env-users
  state=$(describe ResourceNotFoundException aws dynamodb describe-table --table-name "$table" \
    --query Table.DeletionProtectionEnabled --output text)
  [ "$state" != True ] || protected="the table $table"
  state=$(describe ResourceNotFoundException aws eks describe-cluster --name "$cluster" \
    --query cluster.deletionProtection --output text)
  [ "$state" != True ] || protected+="${protected:+ and }the cluster $cluster"
  [ -z "$protected" ] || die "deletion protection is on for $protected; nothing was destroyed. First run" \
    "'plan-aws --env $env --no-deletion-protection' and 'apply-aws --env $env', then $stage again"
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
# cluster's tag too, so of those only the unattached count.
leftovers() {
  local balancers interfaces loose groups
  balancers=$(load_balancers "elbv2.k8s.aws/cluster=$cluster") || return 1
  interfaces=$(interfaces "Name=vpc-id,Values=$vpc" "Name=description,Values=ELB *") || return 1
  loose=$(interfaces "Name=tag:cluster.k8s.amazonaws.com/name,Values=$cluster" "Name=status,Values=available") || return 1
  groups=$(ask "" aws ec2 describe-security-groups --filters "Name=tag:elbv2.k8s.aws/cluster,Values=$cluster" \
    --query 'SecurityGroups[].GroupId' --output text) || return 1
  # shellcheck disable=SC2086 # one line of names
  echo $balancers $interfaces $loose $groups
}

interfaces() {
  ask "" aws ec2 describe-network-interfaces --filters "$@" --query 'NetworkInterfaces[].NetworkInterfaceId' --output text
}

options "from= yes" "${@:2}"
enter_checkout
settings
case ${from:=dns} in
  dns | backend | kubernetes | aws) ;;
  *) misuse "unknown step '$from' (--from): dns, backend, kubernetes or aws" ;;
esac
if [ -n "${yes:-}" ] && [ "$env" != dev ]; then die "--yes does not answer for $env: each plan's digest is typed"; fi
need terraform aws helm jq git
find_account
cluster=$env-eks-cluster
refuse_protected
started=
for each in dns backend kubernetes aws; do
  [ "$each" != "$from" ] || started=true
  [ -n "$started" ] || continue
  case $each in
    backend) step backend remove_backend ;;
    *) step "$each" "$here/terraform.sh" destroy "$each" --env "$env" ${yes:+--yes} ${dry_run:+--dry-run} ;;
  esac
done
resume_hint=
say "done in $(duration $SECONDS); the state bucket, the images and the roles stay: they belong to bootstrap"
printf '%s' "$times" >&2
