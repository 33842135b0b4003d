# shellcheck shell=bash
# A checkout in a folder with a space in its name, and stand-ins for every program that a stage calls.

repository=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
account=123456789012
digest=sha256:1111111111111111111111111111111111111111111111111111111111111111

# The scene of every test of a file is made once, and copied.
setup_file() {
  use_scene "$BATS_FILE_TMPDIR/template"
  mkdir -p "$SCENE" "$HOME" "$scene/bin" "$checkout"
  : >"$CALLS"
  for program in aws cosign docker dynamodb-local gh helm kubectl minikube nix skopeo terraform; do
    cp "$repository/tests/stages/stand-in" "$scene/bin/$program"
  done
  make_checkout
  export rules=0
  answer '*' ''
  answer 'aws sts get-caller-identity *' "$account"
  answer 'aws ecr describe-images *' "$digest"
  answer 'terraform * output -raw cluster_name' dev-eks-cluster
  answer 'terraform * output -raw url' https://dev.example.org
  answer 'terraform * show -json *' '{}'
  answer 'terraform * workspace list' $'* default\n  dev\n  staging\n  prod'
  answer 'terraform * state list' 'aws_vpc.this'
  fails 'terraform * plan *' 2 ''
}

setup() {
  unset ENV GITHUB_REPOSITORY AWS_REGION AWS_ACCOUNT_ID DRY_RUN ECR_REGISTRY IMAGE_DIGEST IMAGE_NAME IMAGE_TAG PLAN_SHA256 GITHUB_OUTPUT \
    KUBECONFIG REGISTRY_AUTH_FILE TF_PLUGIN_CACHE_DIR XDG_CACHE_HOME GITHUB_STEP_SUMMARY GITHUB_RUN_ID GITHUB_ACTIONS CLUSTER_RUNNER AWS_ACCOUNT_IDS STAGES ALLOW_DESTROY
  use_scene "$BATS_TEST_TMPDIR/scene"
  installed=$PATH
  cp -R "$BATS_FILE_TMPDIR/template" "$scene"
  cd "$checkout" || return
  export PATH="$scene/bin:$installed" POLL_INTERVAL=0 WAIT_TIMEOUT=60 DESTROY_WAIT=60
}

use_scene() {
  scene=$1 checkout="$1/a checkout"
  export SCENE=$1/rules CALLS=$1/calls HOME="$1/home of mine"
}

# For tests that go through a table: keep_scene, and back to it before each row, which is a subshell.
keep_scene() { cp -R "$scene" "$BATS_TEST_TMPDIR/kept"; }
back_to_scene() {
  rm -rf "$scene"
  cp -R "$BATS_TEST_TMPDIR/kept" "$scene"
  cd "$checkout" || return
}

# hide PROGRAM - as if it were not installed.
hide() {
  local folder=$BATS_TEST_TMPDIR/installed
  mkdir -p "$folder"
  ln -sf /usr/bin/* "$folder"
  rm -f "$scene/bin/$1" "$folder/$1"
  PATH=$scene/bin:$folder
}

make_checkout() {
  mkdir -p "$checkout/terraform/env" "$checkout/helm/backend"
  cd "$checkout" || return
  for root in bootstrap aws kubernetes dns; do
    mkdir "terraform/$root"
    echo "# providers" >"terraform/$root/.terraform.lock.hcl"
  done
  for env in dev staging prod bootstrap; do echo "environment = \"$env\"" >"terraform/env/$env.tfvars"; done
  printf '[package]\nname = "backend-cloud-app"\nversion = "1.0.0"\nrepository = "https://github.com/greeter/backend-cloud-app"\n' \
    >Cargo.toml
  printf 'name: backend\nversion: 1.0.0\nappVersion: "1.0.0"\n' >helm/backend/Chart.yaml
  cp "$repository/.gitignore" .
  git init --quiet --initial-branch main
  git config user.name test
  git config user.email test@example.org
  commit first
}

commit() {
  git add --all
  git commit --quiet --allow-empty --message "$1"
}

# rule PATTERN - a new rule; newer rules win.
rule() {
  printf -v rule '%s/%04d' "$SCENE" "$((++rules))"
  printf '%s\n' "$1" >"$rule"
}

# next_answer STATUS ANSWER ERROR - the newest rule's first call gets the first, later ones the next, the last one stays.
next_answer() { printf 'printf %%s %q; printf %%s %q >&2; exit %s\n' "${2:+$2$'\n'}" "${3:+$3$'\n'}" "$1" >>"$rule"; }

# answer PATTERN ANSWER...
answer() {
  local text
  rule "$1"
  for text in "${@:2}"; do next_answer 0 "$text" ''; done
}

# fails PATTERN STATUS MESSAGE
fails() {
  rule "$1"
  next_answer "$2" '' "$3"
}

# does PATTERN COMMAND - the command gets the call's arguments.
does() {
  rule "$1"
  printf '%s\n' "$2" >>"$rule"
}

# build-image's output, as Nix would leave it, in a folder with a space in its name.
layout_is_built() {
  layout="$BATS_TEST_TMPDIR/oci index"
  mkdir -p "$layout"
  echo "{\"manifests\": [{\"digest\": \"$digest\"}]}" >"$layout/index.json"
  answer 'nix *build*' "$layout"
}

# all_is_well ENVIRONMENT - an account, a network and a repository in which preflight finds nothing.
all_is_well() {
  local subject='repo:greeter@11/backend-cloud-app@22'
  for program in curl dig; do cp "$repository/tests/stages/stand-in" "$scene/bin/$program"; done
  cp "$repository/terraform/aws/environments.tf" terraform/aws
  cat >>"terraform/env/$1.tfvars" <<EOF
acm_domain_name = "api.greeter.dev"
route53_zone_id = "Z1"
cluster_admin_role_arns = [
  "arn:aws:iam::$account:role/sso/Administrator", # me
]
cluster_public_access_cidrs = ["198.51.100.0/24", "203.0.113.4/30"]
EOF
  echo "github_subject_prefix = \"$subject\"" >>terraform/env/bootstrap.tfvars
  answer 'aws sts get-caller-identity --query Arn *' "arn:aws:sts::$account:assumed-role/Administrator/me"
  answer 'aws ecr describe-repositories *' 2
  answer 'aws s3api list-objects-v2 *' None
  fails 'aws eks describe-cluster *' 254 ResourceNotFoundException
  answer 'aws ec2 describe-instances *' '[{"CoreCount": 1, "ThreadsPerCore": 2}]'
  answer 'aws ec2 describe-addresses *' 1
  answer 'aws ec2 describe-vpcs *' 1
  answer 'aws service-quotas get-service-quota *' 14.0
  answer 'aws route53 get-hosted-zone *' $'greeter.dev.\tns-1.awsdns.com\tns-2.awsdns.org'
  answer 'dig *NS greeter.dev' $'ns-2.awsdns.org.\nns-1.awsdns.com.'
  answer 'dig *CAA greeter.dev' '0 issue "amazon.com"'
  answer 'curl *checkip*' 203.0.113.7
  answer 'gh api *oidc/customization/sub *' "$subject"
  answer 'gh api repos/*/environments/*' '{"deployment_branch_policy": {"custom_branch_policies": true}}'
  answer 'gh api *deployment-branch-policies*' main
  answer 'gh api *required_reviewers*' '{"reviewers": [1], "prevent_self_review": true}'
  answer 'gh variable list *' "{\"AWS_REGION\": \"eu-west-1\", \"AWS_ACCOUNT_IDS\": \"{\\\"$1\\\": \\\"$account\\\"}\"}"
  commit "all is well"
}

# tags ARN KEY=VALUE... - of a load balancer, as AWS tells them.
tags() {
  jq -nc '$ARGS.positional | {TagDescriptions: [{ResourceArn: .[0], Tags: (.[1:] | map(split("=") | {Key: .[0], Value: .[1]}))}]}' --args "$@"
}

load_balancer_is_there() {
  answer 'aws elbv2 describe-load-balancers *' arn:ours
  answer 'aws elbv2 describe-tags *' "$(tags arn:ours elbv2.k8s.aws/cluster=dev-eks-cluster ingress.k8s.aws/stack=dev/backend)"
}

# stage SCRIPT ARGUMENT... - runs a stage with nobody to ask, and checks how it ends when the test names a status.
stage() { run "$repository/nix/apps/$1.sh" "${@:2}" </dev/null; }

passes() { stage "$@" && succeeds; }
# refuses LINE SCRIPT ARGUMENT...
refuses() { stage "${@:2}" && ends_with 1 && says "$1"; }

# typing ANSWER SCRIPT ARGUMENT... - runs a stage on a terminal where somebody types the answer.
typing() {
  local command
  command=$(printf '%q ' "$repository/nix/apps/$2.sh" "${@:3}")
  run bash -c 'printf "%s\n" "$1" | script --quiet --return --command "$2" /dev/null' - "$1" "$command"
}

succeeds() { [ "$status" -eq 0 ] || explain "status $status"; }
ends_with() { [ "$status" -eq "$1" ] || explain "status $status, not $1"; }
# Each takes several texts.
says() { local each && for each; do case $output in *"$each"*) ;; *) explain "does not say: $each" || return ;; esac done; }
is_silent_about() { local each && for each; do case $output in *"$each"*) explain "says: $each" || return ;; esac done; }
explain() {
  printf '%s\n--- output\n%s\n--- calls\n%s\n' "$1" "$output" "$(<"$CALLS")"
  return 1
}

called() { local each && for each; do grep -qF -- "$each" "$CALLS" || explain "was not called: $each" || return; done; }
never_called() { local each && for each; do ! grep -qF -- "$each" "$CALLS" || explain "was called: $each" || return; done; }
# calls_are PATTERN CALLS - those that match it, in this order.
calls_are() {
  local calls
  calls=$(grep -E "$1" "$CALLS" || true)
  [ "$calls" = "$2" ] || explain "calls of $1 differ: expected"$'\n'"$2"$'\n'"got"$'\n'"$calls"
}
