#!/usr/bin/env bats
# deploy-*, destroy-* and status: the order of their steps, how they go on after a stop, and what they refuse.

load helper

# The order of what changes something, without the arguments.
steps() {
  grep -oE '^(skopeo --insecure-policy copy|helm .*uninstall|terraform -chdir=[a-z/]+ (plan -destroy|plan|apply))' "$CALLS" |
    sed -E 's/terraform -chdir=terraform.//; s/helm .*uninstall/uninstall/' | paste -sd ,
}
steps_are() { [ "$(steps)" = "${1//, /,}" ] || explain "steps are $(steps), not $1"; }

@test "deploy looks whether it can work, finds the image, then plans and applies aws, kubernetes and dns; with nothing to do it asks nothing" {
  all_is_well dev
  layout_is_built
  load_balancer_is_there
  ENV=prod passes deploy dev --yes
  steps_are 'aws plan, aws apply, kubernetes plan, kubernetes apply, dns plan, dns apply'
  says 'ok    credentials' 'push-image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/backend-cloud-app' 'apply-kubernetes   '
  says 'url=https://dev.example.org'
  is_silent_about prod
  fails 'terraform * plan *' 0 ''
  : >"$CALLS"
  passes deploy dev --image-tag 1.0.0
  steps_are 'aws plan, kubernetes plan, dns plan'
  never_called nix
  called '-var=image_tag=1.0.0'
}

@test "deploy stops at the first failure, says how to go on from it, and goes on from there" {
  load_balancer_is_there
  fails 'terraform -chdir=terraform/kubernetes apply *' 1 'Error: timed out'
  next_answer 0 '' ''
  refuses 'deploy-dev: stopped in apply-kubernetes after ' deploy dev --yes --from aws
  says 'mend what it says above, then: nix/apps/deploy.sh dev --from kubernetes --yes'
  : >"$CALLS"
  passes deploy dev --yes --from kubernetes
  steps_are 'kubernetes plan, kubernetes apply, dns plan, dns apply'
}

cluster_is_there() {
  fails 'terraform * plan *' 0 ''
  answer 'aws eks describe-cluster * cluster.deletionProtection *' False
  answer 'aws eks describe-cluster * cluster.resourcesVpcConfig.vpcId *' vpc-1
}

@test "destroy takes things down in the order in which nothing is left behind, and goes on where it stopped" {
  cluster_is_there
  fails 'helm *' 1 'Error: timed out'
  next_answer 0 '' ''
  refuses 'destroy-dev: stopped in backend after ' destroy-all dev --yes
  says 'then: nix/apps/destroy-all.sh dev --from backend --yes'
  steps_are 'dns plan -destroy, dns apply, uninstall'
  : >"$CALLS"
  passes destroy-all dev --yes --from backend
  steps_are 'uninstall, kubernetes plan -destroy, kubernetes apply, aws plan -destroy, aws apply'
  called "helm --kube-context dev-eks-cluster --namespace dev uninstall backend --ignore-not-found --wait --timeout 10m"
  called "aws eks update-kubeconfig --region eu-west-1 --name dev-eks-cluster --alias dev-eks-cluster --kubeconfig $(printf %q "$PWD/.plans/dev/kubeconfig")"
  [ "$(stat -c %a .plans)" = 700 ]
}

@test "destroy waits until no load balancer, interface or security group of the cluster is left" {
  cluster_is_there
  answer 'aws elbv2 describe-load-balancers *' arn:ours ''
  answer 'aws elbv2 describe-tags *' "$(tags arn:ours elbv2.k8s.aws/cluster=dev-eks-cluster)"
  answer 'aws ec2 describe-network-interfaces *vpc-1*' eni-1 eni-1 ''
  answer 'aws ec2 describe-network-interfaces *status*' eni-2 ''
  answer 'aws ec2 describe-security-groups *tag:*' sg-1 sg-1 ''
  answer 'aws ec2 describe-security-groups *vpc-1*CloudFront-VPCOrigins-Service-SG*' sg-2 sg-2 sg-2 ''
  passes destroy-all dev --yes
  says 'waiting for AWS to let go: arn:ours eni-1 eni-2 sg-1 sg-2 (' 'waiting for AWS to let go: eni-1 sg-1 sg-2'
  says 'waiting for AWS to let go: sg-2'
  [ "$(grep -n 'describe-security-groups' "$CALLS" | tail -n 1 | cut -d : -f 1)" -lt \
    "$(grep -n 'terraform/kubernetes plan' "$CALLS" | cut -d : -f 1)" ]
}

@test "destroy gives up waiting in bounded time, or when AWS does not tell what is left, and leaves the cluster alone" {
  cluster_is_there
  answer 'aws ec2 describe-security-groups *tag:*' sg-1
  DESTROY_WAIT=0 refuses 'waiting for AWS to let go: still sg-1 after 0 s' destroy-all dev --yes
  steps_are 'dns plan -destroy, dns apply, uninstall'
  fails 'aws ec2 describe-security-groups *' 255 Throttling
  refuses Throttling destroy-all dev --yes --from backend
  never_called 'terraform/kubernetes'
}

@test "destroy says the two steps and destroys nothing where deletion protection is on, or might be" {
  for protected in 'aws dynamodb describe-table *' 'aws eks describe-cluster * cluster.deletionProtection *'; do
    answer 'aws dynamodb describe-table *' False
    answer 'aws eks describe-cluster *' False
    answer "$protected" True
    refuses 'destroy-prod: deletion protection is on for the ' destroy-all prod
    says "nothing was destroyed. First run 'nix/apps/plan.sh aws --env prod --no-deletion-protection' and 'nix/apps/apply.sh aws --env prod', then nix/apps/destroy-all.sh prod again"
  done
  fails 'aws dynamodb describe-table *' 254 AccessDenied
  refuses AccessDenied destroy-all dev --yes
  never_called terraform helm
}

@test "status tells the resources, the image, the pods and the URL, plans with the image that runs, and ends with 2 where asked and it differs" {
  fails 'terraform * plan *' 0 ''
  answer 'kubectl *containers*' "registry/backend-cloud-app@$digest"
  answer 'kubectl *labels*' abc
  answer 'kubectl *readyReplicas*' '2 of 2 ready' ' of 2 ready'
  passes status --detailed-exitcode
  says 'aws          1 resources, as configured' "image        registry/backend-cloud-app@$digest" 'pods         2 of 2 ready'
  says 'url          https://dev.example.org'
  called "-var=image_tag=abc -var=image_digest=$digest"
  never_called ' apply ' '-or-create'
  [ "$(grep -c ' plan .*-lock=false' "$CALLS")" -eq "$(grep -c ' plan ' "$CALLS")" ] || explain "a plan takes the lock"
  rule 'terraform -chdir=terraform/aws plan *'
  next_answer 2 'Plan: 0 to add, 1 to change, 0 to destroy.' ''
  passes status
  says 'pods         0 of 2 ready' 'aws          1 resources, differs: 0 to add, 1 to change, 0 to destroy'
  stage status --detailed-exitcode
  ends_with 2
}

@test "status tells what it could not look at, the rest all the same, and makes no workspace where none was" {
  fails 'terraform * plan *' 0 ''
  fails 'terraform -chdir=terraform/aws plan *' 1 'Error: forbidden'
  fails 'kubectl *' 1 'connection refused'
  refuses 'Error: forbidden' status --detailed-exitcode
  says 'aws          unknown (above)' 'dns          1 resources, as configured' 'pods         unknown'
  answer 'terraform * workspace list' '* default'
  : >"$CALLS"
  passes status
  says 'aws          0 resources'
  never_called 'workspace select'
  touch terraform/aws/errored.tfstate
  refuses 'aws          unknown (above)' status
}
