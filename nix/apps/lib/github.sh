# shellcheck shell=bash
# What a repository on GitHub must have for its environments to guard anything.

# environment_faults REPOSITORY NAME REF... - a line for each thing that is wrong with an environment: it must be there, and let only
# jobs of these branches and tags in. Without that, a job of any branch gets the role that trusts the environment.
environment_faults() {
  local repository=$1 name=$2 found policies each
  shift 2
  if ! found=$(gh api "repos/$repository/environments/$name" 2>&1); then
    case $found in
      *404*) echo "the environment '$name' of $repository is not there: create it, docs/deploy.md says how" ;;
      *) echo "cannot read the environment '$name' of $repository: $found" ;;
    esac
    return
  fi
  if [ "$(jq -r '.deployment_branch_policy.custom_branch_policies // false' <<<"$found")" != true ]; then
    echo "the environment '$name' does not say which branches may use it: allow only $*"
    return
  fi
  policies=$(gh api "repos/$repository/environments/$name/deployment-branch-policies" --jq '.branch_policies[].name') ||
    { echo "cannot read which branches may use the environment '$name' (above)" && return; }
  for each in $policies; do
    case " $* " in *" $each "*) ;; *) echo "the environment '$name' lets '$each' in: allow only $*" ;; esac
  done
}

# reviewers REPOSITORY NAME - how many people approve a job of that environment.
reviewers() {
  gh api "repos/$1/environments/$2" --jq '[.protection_rules[]? | select(.type == "required_reviewers") | .reviewers[]] | length'
}

# subject_prefix REPOSITORY - what GitHub says that the subjects of its tokens begin with. It says nothing where they have names alone.
subject_prefix() { gh api "repos/$1/actions/oidc/customization/sub" --jq ".sub_claim_prefix // \"repo:$1\""; }
