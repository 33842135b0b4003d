# shellcheck shell=bash
# A look at one Terraform root, for the stage status: how many resources it has, and whether they are what the configuration
# says. It changes nothing: neither a workspace is made nor a lock taken. Sourced after lib/terraform.sh.

# inspect ROOT - results as report prints them; in a subshell, so that what fails for one root leaves the others.
inspect() (
  root=$1
  status=0
  # A workflow's outputs are the stage's, not these.
  unset GITHUB_OUTPUT
  enter_root
  refuse_errored_state
  initialise -reconfigure
  if [ -z "$dry_run" ] && ! terraform -chdir="$folder" workspace list >"$scratch/workspaces" 2>"$scratch/log"; then
    cat "$scratch/log" >&2
    die "cannot list the workspaces of $folder (above)"
  fi
  if [ -z "$dry_run" ] && ! grep -qx "[* ]*$env" "$scratch/workspaces"; then
    report resources 0
    exit
  fi
  quietly terraform -chdir="$folder" workspace select "$env" || die "cannot select the workspace '$env' of $folder (above)"
  count=$(ask "" terraform -chdir="$folder" state list | grep -c . || true)
  report resources "$count"
  [ "$count" -gt 0 ] || [ -n "$dry_run" ] || exit 0
  [ "$root" != dns ] || report url "$(ask URL terraform -chdir="$folder" output -raw url)"
  [ -z "${no_drift:-}" ] || exit 0
  [ "$root" != kubernetes ] || choose_image
  quietly terraform -chdir="$folder" plan -input=false -lock=false -detailed-exitcode -no-color "${variables[@]}" || status=$?
  case $status in
    0) report drift none ;;
    2) report drift "$(sed -n 's/^Plan: \(.*\)\.$/\1/p' "$scratch/log" | grep . || echo 'outputs only')" ;;
    *) die "cannot plan $folder (above)" ;;
  esac
)
