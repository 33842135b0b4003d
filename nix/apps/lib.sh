# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables that a stage sets for this file, or this file for a stage
# What every stage shares: options, messages, the checkout, dry runs, hashes, the account and signals. Sourced, after the
# stage has set `stage` (its name in messages) and defined usage().
#
# Written for the bash 3.2 and the BSD tools that macOS ships, so that a stage runs with or without Nix: no associative
# arrays, no case conversion in expansions, no GNU-only flags, and ${array[@]+"${array[@]}"} where an array may be empty.

# Progress and errors go to stderr: stdout carries only what a caller may want to keep.
dry_run=
say() { printf '%s: %s\n' "$stage" "$*" >&2; }
die() {
  say "$*"
  exit 1
}
misuse() {
  say "$*: see $stage --help"
  exit 64
}

# named_by WORDS WORD... - ends a script whose first words are to name the stage, when it was called without them.
named_by() {
  local words=$1 word
  shift
  for word; do
    case $word in
      --help)
        echo "usage: ${0##*/} $words [OPTION...]; with --help as the option, it lists them"
        exit 0
        ;;
      "" | -*)
        stage=${0##*/}
        misuse "called without $words"
        ;;
    esac
  done
}

# options "NAME NAME= ..." ARGUMENT... - reads the command line into variables: `--image-tag x` sets image_tag. A name that
# ends in = takes a value. --help and --dry-run are always known.
options() {
  local known=" help dry-run $1 " name
  shift
  dry_run=${DRY_RUN:-}
  while [ $# -gt 0 ]; do
    case $1 in
      --?*=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;;
      --?*) ;;
      *) misuse "unexpected argument '$1'" ;;
    esac
    name=${1#--}
    case $known in
      *" $name= "*)
        [ $# -ge 2 ] || misuse "--$name needs a value"
        printf -v "${name//-/_}" %s "$2"
        shift 2
        ;;
      *" $name "*)
        printf -v "${name//-/_}" %s true
        shift
        ;;
      *) misuse "unknown option '--$name'" ;;
    esac
  done
  if [ -n "${help:-}" ]; then
    usage
    exit 0
  fi
}

# The settings that stages take from the environment, with their defaults.
settings() {
  local configured
  env=${env:-${ENV:-dev}}
  case $env-${root:-} in
    dev-* | staging-* | prod-* | bootstrap-bootstrap) ;;
    *) misuse "unknown environment '$env' (--env or ENV): dev, staging or prod" ;;
  esac
  # Terraform's providers take the region from this file, so everything else must as well.
  configured=$(sed -n 's/^region *= *"\(.*\)"$/\1/p' "terraform/env/$env.tfvars" 2>/dev/null || true)
  region=${AWS_REGION:-${configured:-eu-west-1}}
  [ "$region" = "${configured:-$region}" ] ||
    die "AWS_REGION is '$region', terraform/env/$env.tfvars says '$configured': change one of them"
  # The AWS command line and Terraform's provider read one name or the other.
  export AWS_REGION=$region AWS_DEFAULT_REGION=$region AWS_PAGER=
  image_name=${IMAGE_NAME:-backend-cloud-app}
}

# Stages work in the checkout that they are called from, not in the one that they are installed from.
enter_checkout() {
  local root
  root=$(git rev-parse --show-toplevel 2>/dev/null) || die "not in a git checkout: run it in a clone of backend-cloud-app"
  cd "$root" || exit
  if ! [ -d terraform ] || ! [ -f Cargo.toml ]; then die "$root is not a checkout of backend-cloud-app: change to one"; fi
}

need() {
  local tool
  [ -z "$dry_run" ] || return 0
  for tool in "$@"; do
    command -v "$tool" >/dev/null || die "$tool is not installed: run it in 'nix develop', or as 'nix run .#$stage'"
  done
}

show() {
  printf '+' >&2
  printf ' %q' "$@" >&2
  printf '\n' >&2
}

# run COMMAND... - shows a command that changes something, and runs it unless this is a dry run.
run() {
  show "$@"
  [ -n "$dry_run" ] || "$@"
}

# ask PLACEHOLDER COMMAND... - the answer of a command that only reads. A dry run shows the command and takes the placeholder.
ask() {
  local placeholder=$1
  shift
  if [ -n "$dry_run" ]; then
    show "$@"
    printf '%s\n' "$placeholder"
  else
    "$@"
  fi
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -d ' ' -f 1
}

# The hash of a file that need not exist.
sha256_or_none() { if [ -e "$1" ]; then sha256 "$1"; else echo none; fi; }

# plan_digest PLAN RECORD - the digest that an approval is of. It binds the plan and all that its record says, so that neither
# can be exchanged on its way through the bucket.
plan_digest() { { sha256 "$1" && jq -cS 'del(.sha256)' "$2"; } | sha256 /dev/stdin; }

revision() { git rev-parse HEAD; }
is_clean() { [ -z "$(git status --porcelain)" ]; }
service_version() { sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1; }

# Sets account: that of the credentials at hand, which AWS_ACCOUNT_ID may hold to be the right one.
find_account() {
  [ -z "${account:-}" ] || return 0
  account=$(ask "${AWS_ACCOUNT_ID:-ACCOUNT}" aws sts get-caller-identity --query Account --output text) ||
    die "no usable AWS credentials (above): sign in, or set AWS_PROFILE"
  [ -z "${AWS_ACCOUNT_ID:-}" ] || [ "$account" = "$AWS_ACCOUNT_ID" ] ||
    die "the credentials are of account $account, AWS_ACCOUNT_ID says $AWS_ACCOUNT_ID: change one of them"
  registry=${ECR_REGISTRY:-$account.dkr.ecr.$region.amazonaws.com}
  bucket=backend-cloud-app-state-$account-$region
}

# The digest under which the registry holds a tag of the image, or nothing.
registry_digest() {
  local answer
  if answer=$(aws ecr describe-images --registry-id "$account" --repository-name "$image_name" --image-ids "imageTag=$1" \
    --query 'imageDetails[0].imageDigest' --output text 2>&1); then
    printf '%s\n' "$answer"
  else
    case $answer in
      *ImageNotFoundException*) ;;
      *) die "cannot look up $image_name:$1 in $registry: $answer" ;;
    esac
  fi
}

# Local stages name their context in every call: none of them can reach a real cluster.
local_context=minikube
local_namespace=dev
local_kubectl() { kubectl --context "$local_context" "$@"; }

# A tag that changes with what was built, from the hash in the build's path.
local_tag() {
  local name=${1##*/}
  printf '%.12s\n' "$name"
}

# build OUTPUT [OPTION...] - builds an output of the flake and prints its path.
build() {
  local command=(nix --extra-experimental-features "nix-command flakes" build --no-link --print-out-paths --print-build-logs
    ".#$1" "${@:2}")
  show "${command[@]}"
  if [ -n "$dry_run" ]; then echo "$1"; else "${command[@]}" || die "building $1 failed (above)"; fi
}

# The digest of the index that a layout holds: known before anything is pushed.
index_digest() { if [ -n "$dry_run" ]; then echo DIGEST; else jq -r '.manifests[0].digest' "$1/index.json"; fi; }

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
  cluster=$env-eks-cluster
  export KUBECONFIG=$PWD/.plans/$env/kubeconfig
  make_plans_folder
  run aws eks update-kubeconfig --region "$region" --name "$cluster" --alias "$cluster" --kubeconfig "$KUBECONFIG" >&2
}

# report NAME VALUE - a result, on stdout; in a workflow also as the step's output.
report() {
  printf '%s=%s\n' "$1" "$2"
  [ -z "${GITHUB_OUTPUT:-}" ] || [ -n "$dry_run" ] || printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"
}

# summarise MARKDOWN... - lines for the page of a workflow's run.
summarise() { [ -z "${GITHUB_STEP_SUMMARY:-}" ] || [ -n "$dry_run" ] || printf '%s\n' "$@" >>"$GITHUB_STEP_SUMMARY"; }

# The repository that the image's signature must come from: Cargo.toml is the one place that names it.
repository_url() { sed -n 's/^repository = "\(.*\)"$/\1/p' Cargo.toml | head -n 1; }

duration() { printf '%dm%02ds' $(($1 / 60)) $(($1 % 60)); }

# await SECONDS WHAT COMMAND... - repeats a command until it prints nothing, telling each time what it printed: what there is
# still to wait for.
await() {
  local limit=$1 what=$2 began=$SECONDS left
  shift 2
  while :; do
    left=$("$@") || die "$what: cannot tell how far it is (above)"
    [ -n "$left" ] && [ -z "$dry_run" ] || return 0
    [ $((SECONDS - began)) -lt "$limit" ] || die "$what: still $left after $limit s"
    say "$what: $left ($((SECONDS - began)) of at most $limit s)"
    sleep "${POLL_INTERVAL:-10}"
  done
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

# Signals. A command run by supervise gets the signals that the stage gets and the time to end by itself; what
# resume_hint says is printed when a signal ended the stage. Temporary files go into $scratch, which never outlives it.
child=
interrupted=
resume_hint=
scratch=

supervise() {
  local status
  show "$@"
  [ -z "$dry_run" ] || return 0
  # A process group of its own: a signal to the stage's group (Ctrl-C) would reach the command twice, once by on_signal, and
  # at a second interrupt Terraform drops everything at once.
  set -m
  (
    trap - INT TERM HUP
    exec "$@"
  ) </dev/null &
  child=$!
  set +m
  while :; do
    status=0
    wait "$child" || status=$?
    # A signal ends the wait, not the command.
    kill -0 "$child" 2>/dev/null || break
  done
  child=
  [ -z "$interrupted" ] || exit "$interrupted"
  return "$status"
}

on_signal() {
  interrupted=$2
  [ -n "$child" ] || exit "$2"
  say "$1: waiting for the running command to stop"
  kill -"$1" "$child" 2>/dev/null || true
}

on_exit() {
  [ -z "$scratch" ] || rm -rf "$scratch"
  [ -z "$interrupted" ] || [ -z "$resume_hint" ] || say "interrupted: $resume_hint"
}

trap 'on_signal INT 130' INT
trap 'on_signal TERM 143' TERM
trap 'on_signal HUP 129' HUP
trap on_exit EXIT

# Plans may hold secrets, so the folder is the owner's only, whichever stage makes it and whatever it was before.
make_plans_folder() {
  mkdir -p .plans
  chmod 700 .plans
  mkdir -p ".plans/$env"
}

# A folder on the same file system as the plans, so that a finished file gets there by one rename.
make_scratch() {
  local old
  scratch=$PWD/.plans/$env/.$stage.$$
  [ -z "$dry_run" ] || return 0
  make_plans_folder
  for old in ".plans/$env/."*-*.*[0-9]; do
    # What a killed stage could not take away itself.
    if [ -d "$old" ] && ! kill -0 "${old##*.}" 2>/dev/null; then rm -rf "$old"; fi
  done
  mkdir "$scratch"
}
