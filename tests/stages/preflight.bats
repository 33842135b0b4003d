#!/usr/bin/env bats
# preflight: each check passes in a repository and an account where all is well, and is seen to fail without what it asks for.

load helper

# finds LINE - preflight of prod fails, by this line and no other.
finds() {
  refuses "$1" preflight --env prod
  [ "$(grep -c ^FAIL <<<"$output")" -eq 1 ] || explain "not one failure"
  says 'preflight: not ready (above)'
}

@test "where all is well it says so, a line a check, and calls no Terraform" {
  all_is_well prod
  passes preflight --env prod
  for check in placeholders state tools credentials entry bootstrap locks vcpus addresses vpcs zone caa endpoint subject variables \
    environments reviewers; do
    [ "$(grep -c "^ok    $check " <<<"$output")" -eq 1 ] || explain "$check"
  done
  says '2 of 14 in use, 12 needed' '1 of 14 in use, 3 needed'
  never_called terraform
}

# A table: what is wrong, and the line that says so.
@test "each check is seen to fail, and says what to do" {
  all_is_well prod
  keep_scene
  while IFS='|' read -r broken line; do
    back_to_scene
    (eval "$broken" && finds "$line")
  done <<'EOF'
echo 'x = "Z0000000000EXAMPLE"' >>terraform/env/prod.tfvars|FAIL  placeholders still in terraform/env/prod.tfvars:8: docs/deploy.md says
touch terraform/dns/errored.tfstate|FAIL  state        terraform/dns/errored.tfstate is not in the bucket: nix/apps/push-state.sh --root aws --env prod
hide skopeo|FAIL  tools        missing: skopeo: install them; all but nix come with 'nix run .#deploy-prod'
fails 'aws sts get-caller-identity --query Arn *' 255 'Token has expired'|FAIL  credentials  none that work (Token has expired): aws sso login
answer 'aws sts get-caller-identity --query Arn *' arn:aws:iam::123456789012:root|FAIL  credentials  you are the root of 123456789012: make a role
answer 'aws sts get-caller-identity --query Arn *' arn:aws:iam::123456789012:user/me|FAIL  credentials  you are the user me: sign in with a role
export AWS_ACCOUNT_ID=999999999999|FAIL  credentials  of account 123456789012: AWS_ACCOUNT_ID says 999999999999
answer 'aws sts get-caller-identity --query Arn *' arn:aws:sts::123456789012:assumed-role/Other/me|FAIL  entry        Other may not enter the cluster: add 'aws iam get-role --role-name Other
fails 'aws ecr describe-repositories *' 254 RepositoryNotFoundException|FAIL  bootstrap    the state's bucket or the registries are not there: nix/apps/plan.sh bootstrap
fails 'aws s3api head-bucket *' 254 404|FAIL  bootstrap    the state's bucket or the registries are not there
answer 'aws s3api list-objects-v2 *' env:/prod/aws.tfstate.tflock && answer 'aws s3 cp *' '{"Who":"x@y","Created":"now","Operation":"OperationTypeApply","ID":"1"}'|FAIL  locks        held: aws.tfstate.tflock by x@y since now (OperationTypeApply, ID 1): wait for it
answer 'aws service-quotas *L-1216C47A *' 13.0|FAIL  vcpus        2 of 13 in use, 12 needed: aws service-quotas request-service-quota-increase --service-code ec2
answer 'aws service-quotas *L-0263D0A3 *' 3.0|FAIL  addresses    1 of 3 in use, 3 needed
answer 'aws service-quotas *L-F678F1CE *' 1.0|FAIL  vpcs         1 of 1 in use, 1 needed
fails 'aws route53 get-hosted-zone *' 254 NoSuchHostedZone|FAIL  zone         Z1 is not in account 123456789012
answer 'aws route53 get-hosted-zone *' $'other.dev.\tns-1'|FAIL  zone         api.greeter.dev is not in other.dev
answer 'dig *NS greeter.dev' ns.elsewhere.net.|FAIL  zone         greeter.dev is delegated to 'ns.elsewhere.net': at its registrar, name ns-1.awsdns.com ns-2.awsdns.org
answer 'dig *CAA greeter.dev' '0 issue "letsencrypt.org"'|FAIL  caa          greeter.dev does not let Amazon issue a certificate: add the record
answer 'curl *checkip*' 203.0.113.8|FAIL  endpoint     203.0.113.8 will not reach the cluster's API: add "203.0.113.8/32"
answer 'aws eks describe-cluster *' https://c && fails 'curl *c/livez' 28 ''|FAIL  endpoint     prod-eks-cluster does not answer here: add your network
export GITHUB_ACTIONS=true|FAIL  endpoint     the cluster will be private and CLUSTER_RUNNER is not set
answer 'gh api *oidc/customization/sub *' repo:greeter@11/backend-cloud-app@23|FAIL  subject      github_subject_prefix is 'repo:greeter@11/backend-cloud-app@22': write "repo:greeter@11/backend-cloud-app@23"
answer 'gh variable list *' '{"AWS_REGION": "us-east-1"}'|FAIL  variables    AWS_REGION is not eu-west-1: gh variable set
answer 'gh variable list *' '{"AWS_REGION": "eu-west-1"}'|FAIL  variables    AWS_ACCOUNT_IDS has not 123456789012 for prod
fails 'gh api repos/*/environments/images' 1 'HTTP 404'|FAIL  environments the environment 'images' of greeter/backend-cloud-app is not there
answer 'gh api repos/*/environments/prod' '{"deployment_branch_policy": null}'|FAIL  environments the environment 'prod' does not say which branches may use it
answer 'gh api *images/deployment-branch-policies*' 'main feature/x'|FAIL  environments the environment 'images' lets 'feature/x' in: allow only main v*
answer 'gh api *required_reviewers*' '{}'|FAIL  reviewers    nobody approves for prod
answer 'gh api *required_reviewers*' '{"reviewers": [1]}'|FAIL  reviewers    who starts a deploy of prod may approve it
fails 'aws ec2 describe-vpcs *' 254 AccessDenied|FAIL  vpcs         could not be asked: AccessDenied
EOF
}

@test "what may not be asked, or is not there to be asked, is left out and said" {
  all_is_well prod
  fails 'aws service-quotas *' 254 AccessDenied
  fails 'gh auth status' 1 ''
  passes preflight --env prod
  says '-     vcpus        the quota may not be asked as this role' '-     github       gh is not signed in'
}

@test "the tfvars are read as Terraform reads them, whatever their spacing and comments" {
  all_is_well prod
  cat >terraform/env/prod.tfvars <<'EOF'
  region="eu-west-1" # "us-east-1", as "example.com"
acm_domain_name = null # acm_domain_name = "old.greeter.dev"
/* route53_zone_id = "Z1"
 */
cluster_admin_role_arns = [ // ["arn:aws:iam::123456789012:role/Other"]
  "arn:aws:iam::123456789012:role/Administrator"
]
cluster_public_access_cidrs=["203.0.113.7/32"]
environments = { prod = {
    zones = ["a", "b"], nat_gateways : "per_zone" # , "c"
    nodes = { max = 1, instance_types = ["m7g.medium", "m7g.2xlarge"] }
} }
EOF
  passes preflight --env prod
  says '-     zone         no domain' '-     caa          no domain' 'Administrator administers the cluster' '203.0.113.7 may reach'
  says '2 of 14 in use, 8 needed' '1 of 14 in use, 2 needed'
}
