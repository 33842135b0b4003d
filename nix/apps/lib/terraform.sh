# shellcheck shell=bash
# One Terraform root of one environment: its files, its state in the account's bucket, its workspace. Sourced after lib.sh by
# the stages that run Terraform.

# The options of a root, besides those of the verb: bootstrap belongs to an account, not to an environment.
root_options() { [ "$root" = bootstrap ] || echo "env="; }
root_usage() { [ "$root" = bootstrap ] || echo ' [--env dev|staging|prod]'; }

known_root() {
  case $root in
    aws | kubernetes | dns | bootstrap) ;;
    *) misuse "unknown root '$root': bootstrap, aws, kubernetes or dns" ;;
  esac
}

# What a stage can refuse by itself, besides what all of them do. A stage that has something to refuse defines its own.
refuse_early() { :; }

# Sets what all verbs share. What a person may have got wrong comes first: nothing is asked over the network before it.
enter_root() {
  known_root
  [ "$root" != bootstrap ] || env=bootstrap
  enter_checkout
  settings
  folder=terraform/$root
  tfvars=terraform/env/$env.tfvars
  lock_file=$folder/.terraform.lock.hcl
  errored=$folder/errored.tfstate
  [ -f "$tfvars" ] || die "$tfvars does not exist: it holds the settings of $env"
  refuse_yes
  need terraform aws jq git
  refuse_placeholders "$tfvars"
  [[ ${image_digest:-${IMAGE_DIGEST:-}} =~ ^(sha256:[0-9a-f]{64})?$ ]] ||
    die "'${image_digest:-$IMAGE_DIGEST}' is not an image digest: sha256: and 64 hexadecimal digits"
  refuse_early
  find_account
  variables=(-var-file="../env/$env.tfvars")
  [ "$root" != kubernetes ] || variables+=("-var=state_bucket=$(state_bucket)")
  # A data folder for each environment: two side by side would otherwise share one selected workspace.
  export TF_DATA_DIR=$PWD/$folder/.terraform/$env TF_IN_AUTOMATION=true TF_INPUT=false
  unset TF_WORKSPACE
  # One copy of each provider, not one for each root and environment.
  export TF_PLUGIN_CACHE_DIR=${TF_PLUGIN_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/terraform-plugins}
}

# The stages of this root, as the reader runs them.
root_stage() {
  if [ "$root" = bootstrap ]; then stage_command "$1-$root"; else stage_command "$1-$root" --env "$env" "${@:2}"; fi
}
push_command() {
  if [ "$root" = bootstrap ]; then stage_command push-state --root "$root"; else stage_command push-state --root "$root" --env "$env"; fi
}

# Where a state could not be written, Terraform leaves it in the root's folder. Planning without it makes everything twice.
refuse_errored_state() {
  [ ! -e "$errored" ] || die "$errored holds what an apply did and could not write to the bucket; push it first: $(push_command)"
}

# How an apply that ended early goes on.
after_apply() {
  if [ -e "$errored" ]; then
    echo "what was done is in $errored alone; keep it, and push it to the bucket: $(push_command)"
  else
    echo "what was done is in the state; $1"
  fi
}

# Bootstrap makes the bucket that its own state belongs in, so its first apply keeps the state in a local file.
is_first_bootstrap() {
  [ "$root" = bootstrap ] || return 1
  [ ! -s "$folder/terraform.tfstate" ] || return 0
  local answer
  ! answer=$(ask "" aws s3api head-bucket --bucket "$(state_bucket)" 2>&1) || return 1
  case $answer in *404* | *"Not Found"*) ;; *) die "cannot tell whether the bucket $(state_bucket) exists: $answer" ;; esac
}

# initialise -reconfigure|-migrate-state [OPTION...] - `terraform init`, quiet unless it fails.
initialise() {
  local arguments=(-input=false "$@") override=$folder/backend_override.tf
  # A lock file is changed by whoever changes the providers, never by a stage.
  [ ! -e "$lock_file" ] || arguments+=(-lockfile=readonly)
  if [ "$1" = -reconfigure ] && is_first_bootstrap; then
    say "no state bucket yet: the state stays in $folder/terraform.tfstate until apply-bootstrap has made $(state_bucket)"
    [ -n "$dry_run" ] || printf 'terraform {\n  backend "local" {}\n}\n' >"$override"
  else
    [ -n "$dry_run" ] || rm -f "$override"
    arguments+=("-backend-config=bucket=$(state_bucket)" "-backend-config=key=$root.tfstate" "-backend-config=region=$region"
    -backend-config=use_lockfile=true)
  fi
  say "initialising $folder"
  [ -n "$dry_run" ] || mkdir -p "$TF_PLUGIN_CACHE_DIR"
  quietly terraform -chdir="$folder" init "${arguments[@]}" ||
    die "terraform init of $folder failed (above): if it misses the bucket $(state_bucket), run" \
      "$(stage_command plan-bootstrap) and $(stage_command apply-bootstrap)"
}

# Makes the workspace of the environment where it is not there yet.
select_workspace() {
  [ "$root" != bootstrap ] || return 0
  quietly terraform -chdir="$folder" workspace select -or-create=true "$env" ||
    die "cannot select the workspace '$env' of $folder (above)"
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

# change_set PLAN - what a plan changes, as changes.jq lists it.
change_set() { terraform -chdir="$folder" show -json "$1" | jq -f "$here/lib/changes.jq"; }

# The image that a plan of kubernetes deploys.
choose_image() {
  image_tag=${image_tag:-${IMAGE_TAG:-$(revision)}}
  image_digest=${image_digest:-${IMAGE_DIGEST:-$(registered_digest "$image_tag")}}
  variables+=("-var=image_tag=$image_tag" "-var=image_digest=$image_digest")
}

refuse_other_plan() { [ "$PLAN_SHA256" = "$1" ] || die "PLAN_SHA256 is '$PLAN_SHA256', the plan is $1: nothing was changed"; }

# confirm DIGEST WHAT - asks before anything is changed.
confirm() {
  local answer
  if [ -n "${PLAN_SHA256:-}" ]; then
    refuse_other_plan "$1"
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
      [ -t 0 ] || die "nobody to ask on this terminal: set PLAN_SHA256 to the digest of the plan that you have read"
      read -r -p "$stage: $2? Type the plan's digest, $1: " answer || answer=
      [ "$answer" = "$1" ] || die "'$answer' is not the digest of the plan, $1: nothing was changed"
      ;;
  esac
}
