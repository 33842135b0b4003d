#!/usr/bin/env bash
# init, plan, apply and destroy of every Terraform root: `terraform.sh VERB ROOT` is the stage VERB-ROOT. A fifth verb, inspect,
# serves the stage status.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
verb=${1:-}
root=${2:-}
stage=$verb-$root
# shellcheck source=nix/apps/lib.sh
. "$here/lib.sh"
named_by 'init|plan|apply|destroy bootstrap|aws|kubernetes|dns' "$verb" "$root"

usage() {
  echo "usage: $stage$([ "$root" = bootstrap ] || echo ' [--env dev|staging|prod]') [OPTION...]"
  echo
  case $verb in
    init) echo "Prepares terraform/$root: its providers, its state in the account's bucket, its workspace." ;;
    plan)
      echo "Plans terraform/$root and keeps the plan, with what it was made from, under .plans/ for apply-$root."
      [ "$root" != dns ] || echo "Waits for the load balancer of the backend's Ingress first (WAIT_TIMEOUT, 600 s)."
      ;;
    apply)
      echo "Applies what plan-$root kept, while the commit, the tree, the account, the lock file, the tfvars and the image are"
      echo "still those of the plan."
      [ "$root" != aws ] || echo "Then points the kubeconfig at the cluster."
      ;;
    inspect) echo "Prints how many resources terraform/$root has, and whether they are what the configuration says." ;;
    destroy) echo "Plans the end of terraform/$root, shows it, asks, and applies it." ;;
  esac
  echo
  [ "$root" = bootstrap ] || echo "  --env NAME          dev, staging or prod (ENV, dev)"
  if [ "$verb" = inspect ]; then
    echo "  --no-drift          count the resources only"
  elif [ "$root-$verb" = aws-plan ]; then
    echo "  --no-deletion-protection  lift it from the table and the cluster: the first step of destroying a protected environment"
  elif [ "$root-$verb" = kubernetes-plan ]; then
    echo "  --image-tag TAG     the image to deploy (IMAGE_TAG, the revision of HEAD)"
    echo "  --image-digest D    its digest (IMAGE_DIGEST, what the registry holds under the tag)"
  elif [ "$root-$verb" = kubernetes-apply ]; then
    echo "  --image-digest D    the digest that the plan must have (IMAGE_DIGEST, what the registry holds under its tag)"
  fi
  case $verb in
    apply | destroy) echo "  --yes               do not ask; dev and bootstrap only" ;;
  esac
  case $verb-$root in
    apply-*) echo "  PLAN_SHA256         the digest of the plan to apply: answers for staging and prod too" ;;
  esac
  echo "  --dry-run           show the commands, run none"
}

# Sets what all verbs share, and the names of the files that a plan is kept in.
prepare() {
  local allowed="env="
  case $root in
    aws | kubernetes | dns) ;;
    bootstrap) allowed="" ;;
    *) misuse "unknown root '$root': bootstrap, aws, kubernetes or dns" ;;
  esac
  case $verb-$root in
    destroy-bootstrap) die "bootstrap holds the state of everything else: docs/operations.md says how to take it down" ;;
    init-* | plan-*) ;;
    inspect-*) allowed="$allowed no-drift image-tag= image-digest=" ;;
    apply-* | destroy-*) allowed="$allowed yes" ;;
    *) misuse "unknown verb '$verb': init, plan, apply or destroy" ;;
  esac
  case $verb-$root in
    plan-aws) allowed="$allowed no-deletion-protection" ;;
    plan-kubernetes) allowed="$allowed image-tag= image-digest=" ;;
    apply-kubernetes) allowed="$allowed image-digest=" ;;
  esac
  options "$allowed" "${@:3}"
  # Bootstrap belongs to an account, not to one of its environments.
  [ "$root" != bootstrap ] || env=bootstrap
  enter_checkout
  settings
  need terraform aws jq git
  find_account
  folder=terraform/$root
  local_state=$folder/terraform.tfstate
  local_backend=$folder/backend_override.tf
  saved=.plans/$env/$root.tfplan
  record=.plans/$env/$root.json
  tfvars=terraform/env/$env.tfvars
  lock=$folder/.terraform.lock.hcl
  variables=(-var-file="../env/$env.tfvars")
  [ "$root" != kubernetes ] || variables+=("-var=state_bucket=$bucket")
  [ -z "${no_deletion_protection:-}" ] || variables+=(-var=deletion_protection=false)
  [ -f "$tfvars" ] || die "$tfvars does not exist: it holds the settings of $env"
  # A data folder for each environment: two side by side would otherwise share one selected workspace.
  export TF_DATA_DIR=$PWD/$folder/.terraform/$env TF_IN_AUTOMATION=true TF_INPUT=false
  unset TF_WORKSPACE
  # One copy of each provider, not one for each root and environment.
  export TF_PLUGIN_CACHE_DIR=${TF_PLUGIN_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/terraform-plugins}
  make_scratch
}

# Bootstrap makes the bucket that its own state belongs in, so its first apply keeps the state in a local file.
is_first_bootstrap() {
  [ "$root" = bootstrap ] || return 1
  [ ! -s "$local_state" ] || return 0
  local answer
  ! answer=$(ask "" aws s3api head-bucket --bucket "$bucket" 2>&1) || return 1
  case $answer in *404* | *"Not Found"*) ;; *) die "cannot tell whether the bucket $bucket exists: $answer" ;; esac
}

backend() {
  printf -- '-backend-config=%s\n' "bucket=$bucket" "key=$root.tfstate" "region=$region" use_lockfile=true
}

# initialise [OPTION...] - `terraform init`, quiet unless it fails.
initialise() {
  local arguments=(-input=false) line
  if [ $# -gt 0 ]; then arguments+=("$@"); else arguments+=(-reconfigure); fi
  # A lock file is changed by whoever changes the providers, never by a stage.
  [ ! -e "$lock" ] || arguments+=(-lockfile=readonly)
  if [ $# -eq 0 ] && is_first_bootstrap; then
    say "no state bucket yet: the state stays in $local_state until apply-bootstrap has made $bucket"
    [ -n "$dry_run" ] || printf 'terraform {\n  backend "local" {}\n}\n' >"$local_backend"
  else
    [ -n "$dry_run" ] || rm -f "$local_backend"
    while read -r line; do arguments+=("$line"); done < <(backend)
  fi
  say "initialising $folder"
  [ -n "$dry_run" ] || mkdir -p "$TF_PLUGIN_CACHE_DIR"
  quietly terraform -chdir="$folder" init "${arguments[@]}" ||
    die "terraform init of $folder failed (above): if it misses the bucket $bucket, run plan-bootstrap and apply-bootstrap"
  if [ "$root" != bootstrap ]; then
    quietly terraform -chdir="$folder" workspace select -or-create=true "$env" ||
      die "cannot select the workspace '$env' of $folder (above)"
  fi
}

quietly() {
  if [ -n "$dry_run" ]; then
    show "$@"
  else
    local status=0
    "$@" >"$scratch/log" 2>&1 || status=$?
    # -detailed-exitcode: 2 is a result, not a failure.
    case $status in 0 | 2) ;; *) cat "$scratch/log" >&2 ;; esac
    return "$status"
  fi
}

# The image that a plan of kubernetes deploys.
choose_image() {
  image_tag=${image_tag:-${IMAGE_TAG:-$(revision)}}
  image_digest=${image_digest:-${IMAGE_DIGEST:-$(registered_digest "$image_tag")}}
  [[ $image_digest =~ ^sha256:[0-9a-f]{64}$ ]] || [ -n "$dry_run" ] ||
    die "'$image_digest' is not an image digest: sha256: and 64 hexadecimal digits"
  variables+=("-var=image_tag=$image_tag" "-var=image_digest=$image_digest")
}

registered_digest() {
  local digest
  if [ -n "$dry_run" ]; then
    show aws ecr describe-images --repository-name "$image_name" --image-ids "imageTag=$1"
    echo DIGEST
    return
  fi
  # A substitution inside a substitution does not stop the outer one.
  digest=$(registry_digest "$1") || exit
  [ -n "$digest" ] || die "$image_name:$1 is not in $registry: run push-image --env $env, or name a pushed --image-tag"
  printf '%s\n' "$digest"
}

# The record's place comes from its plan: it is what a plan depends on besides the state, which Terraform watches itself.
conditions() {
  jq -n --arg environment "$env" --arg root "$root" --arg account "$account" --arg region "$region" \
    --arg commit "$(revision)" --arg tree "$(if is_clean; then echo clean; else echo changed; fi)" \
    --arg lock "$(sha256_or_none "$lock")" --arg tfvars "$(sha256 "$tfvars")" \
    --arg image_tag "${image_tag:-}" --arg image_digest "${image_digest:-}" '$ARGS.named'
}

awaits_load_balancer() {
  local found
  found=$(load_balancers "elbv2.k8s.aws/cluster=$env-eks-cluster" "ingress.k8s.aws/stack=$env/backend") || return 1
  [ -n "$found" ] || echo "no load balancer for the Ingress $env/backend"
}

do_init() {
  initialise
  say "$folder is ready: workspace $([ "$root" = bootstrap ] && echo default || echo "$env"), account $account"
}

do_plan() {
  local status=0 digest changes=true
  resume_hint="nothing was changed; run $stage again"
  # An older plan must not be mistaken for this one, however this one ends.
  [ -n "$dry_run" ] || rm -f "$saved" "$record"
  [ "$root" != kubernetes ] || choose_image
  initialise
  [ "$root" != dns ] || await "${WAIT_TIMEOUT:-600}" "waiting for the load balancer" awaits_load_balancer
  [ -n "$dry_run" ] || conditions >"$scratch/conditions"
  supervise terraform -chdir="$folder" plan -input=false -lock-timeout=2m -detailed-exitcode "${variables[@]}" \
    -out="$scratch/plan" || status=$?
  [ -z "$dry_run" ] || return 0
  case $status in
    0) changes=false ;;
    2) ;;
    *) die "terraform plan of $folder failed (above); nothing was changed" ;;
  esac
  jq --argjson changes "$changes" '{ changes: $changes } + .' "$scratch/conditions" >"$scratch/unsealed"
  digest=$(plan_digest "$scratch/plan" "$scratch/unsealed")
  jq --arg sha256 "$digest" '{ sha256: $sha256 } + .' "$scratch/unsealed" >"$scratch/record"
  # The plan first: without its record it is no plan to apply.
  mv "$scratch/plan" "$saved"
  mv "$scratch/record" "$record"
  report sha256 "$digest"
  report changes "$changes"
  if [ "$(recorded tree)" = changed ]; then
    say "this plan can be read but not applied, the tree has uncommitted changes: commit them and run $stage again"
  else
    say "kept as $saved; to apply it: apply-$root$([ "$root" = bootstrap ] || echo " --env $env")"
  fi
}

recorded() { jq -r ".$1" "$record"; }

# Says one line for each condition of the plan that no longer holds.
check_plan() {
  local holds=true name planned now
  conditions >"$scratch/now"
  if [ "$(plan_digest "$saved" "$record")" != "$(recorded sha256)" ]; then
    holds=
    say "$saved or its record is not what was planned: run plan-$root again"
  fi
  for name in environment root account region commit lock tfvars image_tag image_digest; do
    planned=$(recorded "$name")
    now=$(jq -r ".$name" "$scratch/now")
    [ "$planned" != "$now" ] || continue
    holds=
    say "$(label "$name") was '$planned' when this was planned and is '$now' now: run plan-$root again"
  done
  if [ "$(recorded tree)" != clean ]; then
    holds=
    say "the plan was made from uncommitted changes: commit them and run plan-$root again"
  elif ! is_clean; then
    holds=
    say "the tree has uncommitted changes since the plan: undo them, or commit and run plan-$root again"
  fi
  [ -n "$holds" ]
}

label() {
  case $1 in
    lock) echo "$lock" ;;
    tfvars) echo "$tfvars" ;;
    image_*) echo "the image's ${1#image_}" ;;
    *) echo "the $1" ;;
  esac
}

# confirm PLAN-DIGEST WHAT - asks before anything is changed.
confirm() {
  local answer
  if [ -n "${PLAN_SHA256:-}" ]; then
    [ "$PLAN_SHA256" = "$1" ] || die "PLAN_SHA256 is '$PLAN_SHA256', the plan is $1: nothing was changed"
    return
  fi
  case $env in
    dev | bootstrap)
      [ -z "${yes:-}" ] || return 0
      [ -t 0 ] || die "nobody to ask on this terminal: --yes answers"
      read -r -p "$stage: $2 (sha256 $1)? [y/N] " answer || answer=
      case $answer in y | Y | yes) ;; *) die "not confirmed; nothing was changed" ;; esac
      ;;
    *)
      [ -z "${yes:-}" ] || die "--yes does not answer for $env: type the plan's digest, or set PLAN_SHA256"
      [ -t 0 ] || die "nobody to ask on this terminal: set PLAN_SHA256 to the digest of the plan that you have read"
      read -r -p "$stage: $2? Type the plan's digest, $1: " answer || answer=
      [ "$answer" = "$1" ] || die "'$answer' is not the digest of the plan, $1: nothing was changed"
      ;;
  esac
}

do_apply() {
  if [ -n "$dry_run" ]; then
    initialise
    supervise terraform -chdir="$folder" apply -input=false -lock-timeout=2m "$PWD/$saved"
  else
    if ! [ -f "$saved" ] || ! [ -f "$record" ]; then die "there is no plan of $root for $env: run plan-$root"; fi
    if [ "$root" = kubernetes ]; then
      image_tag=$(recorded image_tag)
      image_digest=${image_digest:-${IMAGE_DIGEST:-$(registered_digest "$image_tag")}}
    fi
    check_plan || exit 1
    # A plan without changes asks nothing, but what was approved must be that plan.
    if [ "$(recorded changes)" = true ] || [ -n "${PLAN_SHA256:-}" ]; then
      confirm "$(recorded sha256)" "apply the plan of $root to $env in account $account"
    fi
    initialise
    if [ "$(recorded changes)" = true ]; then
      resume_hint="what was done is in the state; run plan-$root and apply-$root again"
      supervise terraform -chdir="$folder" apply -input=false -lock-timeout=2m "$PWD/$saved" ||
        die "terraform apply of $folder failed (above): what was done is in the state; run plan-$root again"
    else
      say "the plan has no changes"
    fi
    # A plan is applied once.
    rm -f "$saved" "$record"
  fi
  case $root in
    bootstrap) move_state_into_bucket ;;
    aws) refresh_kubeconfig ;;
    dns) report url "$(ask URL terraform -chdir="$folder" output -raw url)" ;;
  esac
}

move_state_into_bucket() {
  [ -e "$local_backend" ] || [ -n "$dry_run" ] || return 0
  say "moving the state from $local_state to s3://$bucket/bootstrap.tfstate"
  initialise -migrate-state -force-copy
  [ -n "$dry_run" ] || rm -f "$local_state" "$local_state.backup"
}

refresh_kubeconfig() {
  local cluster
  cluster=$(ask "$env-eks-cluster" terraform -chdir="$folder" output -raw cluster_name)
  run aws eks update-kubeconfig --region "$region" --name "$cluster" --alias "$cluster" >&2
}

do_destroy() {
  local digest
  resume_hint="what was done is in the state; run $stage again"
  initialise
  if [ -z "$dry_run" ] && [ -z "$(terraform -chdir="$folder" state list)" ]; then
    say "nothing to destroy: the state of $root for $env is empty"
    return
  fi
  supervise terraform -chdir="$folder" plan -destroy -input=false -lock-timeout=2m "${variables[@]}" -out="$scratch/plan" ||
    die "planning the end of $folder failed (above); nothing was changed"
  if [ -z "$dry_run" ]; then
    digest=$(sha256 "$scratch/plan")
    confirm "$digest" "destroy all of $root in $env, account $account"
  fi
  supervise terraform -chdir="$folder" apply -input=false -lock-timeout=2m "$scratch/plan" ||
    die "terraform destroy of $folder failed (above): what was done is in the state; run $stage again"
}

do_inspect() {
  local count status=0
  initialise
  count=$(ask "" terraform -chdir="$folder" state list | grep -c . || true)
  report resources "$count"
  [ "$count" -gt 0 ] || [ -n "$dry_run" ] || return 0
  [ "$root" != dns ] || report url "$(ask URL terraform -chdir="$folder" output -raw url)"
  [ -z "${no_drift:-}" ] || return 0
  [ "$root" != kubernetes ] || choose_image
  # No lock: a look must not stand in the way of an apply.
  quietly terraform -chdir="$folder" plan -input=false -lock=false -detailed-exitcode -no-color "${variables[@]}" || status=$?
  case $status in
    0) report drift none ;;
    2) report drift "$(sed -n 's/^Plan: \(.*\)\.$/\1/p' "$scratch/log" | grep . || echo 'outputs only')" ;;
    *) die "cannot plan $folder (above)" ;;
  esac
}

prepare "$@"
"do_$verb"
