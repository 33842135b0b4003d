#!/usr/bin/env bash
# Everything from the image to the URL, for one environment: `deploy.sh dev` is the stage deploy-dev.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
env=${1:-}
stage=deploy-$env
# shellcheck source=nix/apps/lib.sh
. "$here/lib.sh"
named_by 'dev|staging|prod' "$env"

usage() {
  cat <<EOF
usage: $stage [--from push|aws|kubernetes|dns] [--image-tag TAG] [--yes] [--dry-run]

Pushes the image, then plans, shows, confirms and applies terraform/aws, terraform/kubernetes and terraform/dns, and prints
how long each took and what is deployed. Runs again safely: what is in place already has no changes.

  --from STEP      begin at this step: where a run that stopped says to go on
  --image-tag TAG  deploy an image that is in the registry instead of pushing one (a release, an older revision)
  --yes            do not ask; dev only: staging and prod ask for each plan's digest
  --dry-run        show the commands, run none
EOF
}

times=
# step NAME COMMAND... - runs one step and keeps how long it took.
step() {
  local name=$1 began=$SECONDS
  shift
  resume_hint="to go on: $stage --from ${name##*-}$again"
  say "$name"
  "$@" || die "stopped in $name after $(duration $((SECONDS - began))): mend what it says above, then: $stage --from ${name##*-}$again"
  times+=$(printf '  %-18s %s' "$name" "$(duration $((SECONDS - began)))")$'\n'
}

options "from= image-tag= yes" "${@:2}"
enter_checkout
settings
case ${from:=push} in
  push | aws | kubernetes | dns) ;;
  *) misuse "unknown step '$from' (--from): push, aws, kubernetes or dns" ;;
esac
again=${image_tag:+ --image-tag $image_tag}${yes:+ --yes}
common=(--env "$env" ${dry_run:+--dry-run})
image=(${image_tag:+--image-tag "$image_tag"})

started=
for each in push aws kubernetes dns; do
  [ "$each" != "$from" ] || started=true
  [ -n "$started" ] || continue
  case $each in
    push) [ -n "${image_tag:-}" ] || step push "$here/push-image.sh" "${common[@]}" ;;
    kubernetes) step plan-kubernetes "$here/terraform.sh" plan kubernetes "${common[@]}" ${image[@]+"${image[@]}"} ;;
    *) step "plan-$each" "$here/terraform.sh" plan "$each" "${common[@]}" ;;
  esac
  [ "$each" = push ] || step "apply-$each" "$here/terraform.sh" apply "$each" "${common[@]}" ${yes:+--yes}
done
resume_hint=
say "done in $(duration $SECONDS)"
printf '%s' "$times" >&2
"$here/status.sh" "${common[@]}" --no-drift
