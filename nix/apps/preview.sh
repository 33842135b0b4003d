#!/usr/bin/env bash
# What a pull request would change in dev, for the people who read it. Nothing that comes of it can be applied.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=nix/apps/lib/terraform.sh
. "$here/lib/terraform.sh"
# shellcheck source=nix/apps/lib/record.sh
. "$here/lib/record.sh"

usage() {
  cat <<EOF
usage: $stage --base COMMIT --output FILE [--dry-run]

Plans aws and dns of dev without a lock, renders the backend's release here and at another commit, and writes what differs as
Markdown: counts, addresses with their actions, and the rendered difference, cut to what GitHub takes.

  --base COMMIT  what the pull request is compared with
  --output FILE  where to write it
  --dry-run      show the commands, run none
EOF
}

# plan_root ROOT - a section about it; its change set, hashed, is what a deploy compares with.
plan_root() (
  root=$1
  saved=$scratch/$root.tfplan
  record=$scratch/$root.json
  enter_root
  refuse_errored_state
  initialise -reconfigure
  quietly terraform -chdir="$folder" workspace select "$env" || die "cannot select the workspace '$env' of $folder (above)"
  quietly terraform -chdir="$folder" plan -input=false -lock=false -detailed-exitcode "${variables[@]}" -out="$saved" || [ $? -eq 2 ] ||
    die "terraform plan of $folder failed (above)"
  [ -z "$dry_run" ] || exit 0
  change_set "$saved" | jq '{ changes: (. != []), change_set: . }' >"$record"
  printf '### %s: %s\n\n%s\n\n%s\n\n' "$root" "$(counts "$record")" "$(change_table "$record")" "<!-- shown $root $(change_digest "$record") -->"
)

# render FOLDER - the release as terraform/kubernetes sets it, by the values that its own tests hold it to.
render() {
  helm template backend "$1/helm/backend" --namespace "$env" --values "$1/terraform/kubernetes/tests/backend_values.json"
}

render_release() {
  mkdir "$scratch/base"
  git archive "$base" helm/backend terraform/kubernetes/tests | tar -x -C "$scratch/base"
  render "$scratch/base" >"$scratch/before.yaml"
  render . >"$scratch/after.yaml"
  if diff -u "$scratch/before.yaml" "$scratch/after.yaml" >"$scratch/diff"; then
    printf '### kubernetes: the release is rendered as before\n'
  else
    # Fenced by more tildes than a rendered line has.
    printf '### kubernetes: the release differs\n\n~~~~~~diff\n%s\n~~~~~~\n' "$(tail -n +3 "$scratch/diff" | head -c 50000)"
  fi
}

options "base= output=" "$@"
[ -n "${base:-}" ] || misuse "--base is missing: the commit to compare with"
[ -n "${output:-}" ] || misuse "--output is missing: the file to write"
case $output in /*) ;; *) output=$PWD/$output ;; esac
env=dev
enter_checkout
settings
need terraform aws helm jq git tar
make_scratch
if [ -n "$dry_run" ]; then
  plan_root aws
  plan_root dns
  exit
fi
{
  printf '## What this changes in dev, planned at %s\n\nRead it; nothing of it is applied. A deploy plans again from main.\n\n' "$(revision)"
  plan_root aws
  plan_root dns
  render_release
} >"$scratch/preview"
mv "$scratch/preview" "$output"
say "written to $output"
