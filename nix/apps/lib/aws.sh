# shellcheck shell=bash
# The account at hand: whose credentials they are, its registry, its cluster, its load balancers.

image_name=${IMAGE_NAME:-backend-cloud-app}

# The account that the credentials must be of, where something says: AWS_ACCOUNT_ID, or in workflows AWS_ACCOUNT_IDS by environment.
expected_account() {
  [ -n "${AWS_ACCOUNT_ID:-}" ] || [ -z "${AWS_ACCOUNT_IDS:-}" ] ||
    AWS_ACCOUNT_ID=$(jq -r --arg env "$env" '.[$env] // empty' <<<"$AWS_ACCOUNT_IDS") ||
    die "AWS_ACCOUNT_IDS is '$AWS_ACCOUNT_IDS': it must be as {\"dev\": \"123456789012\"}"
  printf %s "${AWS_ACCOUNT_ID:-}"
}

# Sets account: that of the credentials at hand.
find_account() {
  local expected
  [ -z "${account:-}" ] || return 0
  expected=$(expected_account)
  account=$(ask "${expected:-ACCOUNT}" aws sts get-caller-identity --query Account --output text) ||
    die "no usable AWS credentials (above): sign in, or set AWS_PROFILE"
  [ -z "$expected" ] || [ "$account" = "$expected" ] ||
    die "the credentials are of account $account, AWS_ACCOUNT_ID says $expected: change one of them"
  registry=${ECR_REGISTRY:-$account.dkr.ecr.$region.amazonaws.com}
}

# The bucket of the account's states and plans.
state_bucket() { echo "backend-cloud-app-state-$account-$region"; }
cluster_name() { echo "$env-eks-cluster"; }

# describe CODE COMMAND... - what AWS says of a thing, or nothing when it answers CODE: that there is no such thing.
describe() {
  local not_found=$1 answer
  shift
  if [ -n "$dry_run" ]; then
    show "$@"
  elif answer=$("$@" 2>&1); then
    printf '%s\n' "$answer"
  else
    case $answer in *"$not_found"*) ;; *) die "cannot look up what is there: $answer" ;; esac
  fi
}

# The digest under which the registry holds a tag of the image, or nothing.
registry_digest() {
  describe ImageNotFoundException aws ecr describe-images --registry-id "$account" --repository-name "$image_name" \
    --image-ids "imageTag=$1" --query 'imageDetails[0].imageDigest' --output text
}

# registered_digest TAG - that of an image which has to be there.
registered_digest() {
  local digest
  # A substitution inside a substitution does not stop the outer one.
  digest=$(registry_digest "$1") || exit
  [ -z "$dry_run" ] || digest=DIGEST
  [ -n "$digest" ] ||
    die "$image_name:$1 is not in $registry: run $(stage_command push-image --env "$env"), or name a pushed --image-tag"
  printf '%s\n' "$digest"
}

# The token goes from one program to the other and is never shown.
ecr_login() {
  local file=${REGISTRY_AUTH_FILE:-$HOME/.docker/config.json}
  say "signing in to $registry"
  show aws ecr get-login-password --region "$region"
  show skopeo login --authfile "$file" --username AWS --password-stdin "$registry"
  export REGISTRY_AUTH_FILE=$file
  [ -z "$dry_run" ] || return 0
  mkdir -p "$(dirname "$file")"
  aws ecr get-login-password --region "$region" |
    skopeo login --authfile "$file" --username AWS --password-stdin "$registry" >&2 ||
    die "cannot sign in to $registry (above)"
}

# verify_signature REFERENCE TAG - succeeds if the release workflow of this repository signed it, running for that tag.
verify_signature() {
  run cosign verify --certificate-oidc-issuer https://token.actions.githubusercontent.com \
    --certificate-identity "$(repository_url)/.github/workflows/release.yaml@refs/tags/$2" "$1"
}

# A kubeconfig of the stage's own, so that no stage ever acts on whatever cluster the user's kubeconfig points at.
use_cluster() {
  export KUBECONFIG=$PWD/.plans/$env/kubeconfig
  make_plans_folder
  run aws eks update-kubeconfig --region "$region" --name "$(cluster_name)" --alias "$(cluster_name)" --kubeconfig "$KUBECONFIG" >&2
}

# The load balancers that carry every one of the given KEY=VALUE tags, an ARN a line.
load_balancers() {
  local arns wanted
  wanted=$(printf '%s\n' "$@" | jq -Rn '[inputs | capture("(?<Key>[^=]*)=(?<Value>.*)")]')
  arns=$(ask "" aws elbv2 describe-load-balancers --query 'LoadBalancers[].LoadBalancerArn' --output text) || return 1
  [ -n "$arns" ] || return 0
  # The API takes 20 at a time.
  printf '%s\n' "$arns" | tr '\t' '\n' | xargs -n 20 aws elbv2 describe-tags --output json --resource-arns |
    jq -r --argjson wanted "$wanted" '.TagDescriptions[] | select($wanted - .Tags == []) | .ResourceArn'
}
