#!/usr/bin/env bash
# Everything from the image to the URL, for one environment: `deploy.sh dev` is the stage deploy-dev.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=nix/apps/lib/steps.sh
. "$here/lib/steps.sh"
env=${1:-}
stage=deploy-$env
named_by 'dev|staging|prod' "$env"

usage() {
  cat <<EOF
usage: $stage [--from push|aws|kubernetes|dns] [--image-tag TAG] [--yes] [--dry-run]

Runs preflight, pushes the image, then plans, shows, confirms and applies terraform/aws, terraform/kubernetes and terraform/dns, and prints
how long each took and what is deployed. Runs again safely: what is in place already has no changes.

  --from STEP      begin at this step: where a run that stopped says to go on
  --image-tag TAG  deploy an image that is in the registry instead of pushing one (a release, an older revision)
  --yes            do not ask; dev only: staging and prod ask for each plan's digest
  --dry-run        show the commands, run none
EOF
}

onward() { stage_command "$stage" --from "$1" ${image_tag:+--image-tag "$image_tag"} ${yes:+--yes}; }

options "from= image-tag= yes" "${@:2}"
enter_checkout
settings
case ${from:=push} in
  push | aws | kubernetes | dns) ;;
  *) misuse "unknown step '$from' (--from): push, aws, kubernetes or dns" ;;
esac
refuse_yes
need terraform aws kubectl jq git
[ "$from" != push ] || [ -n "${image_tag:-}" ] || need nix skopeo
refuse_placeholders Cargo.toml "terraform/env/$env.tfvars"
# Not only at the third root: nothing is planned for an image that is not there.
[ -z "${image_tag:-}" ] || { find_account && registered_digest "$image_tag" >/dev/null; }
common=(--env "$env" ${dry_run:+--dry-run})
[ "$from" != push ] || step preflight push "$here/preflight.sh" "${common[@]}"

for each in $(steps_from "$from" push aws kubernetes dns); do
  case $each in
    push) [ -n "${image_tag:-}" ] || step push push "$here/push-image.sh" "${common[@]}" ;;
    kubernetes) step plan-kubernetes kubernetes "$here/plan.sh" kubernetes "${common[@]}" ${image_tag:+--image-tag "$image_tag"} ;;
    *) step "plan-$each" "$each" "$here/plan.sh" "$each" "${common[@]}" ;;
  esac
  [ "$each" = push ] || step "apply-$each" "$each" "$here/apply.sh" "$each" "${common[@]}" ${yes:+--yes}
done
finish ""
"$here/status.sh" "${common[@]}" --no-drift
