#!/usr/bin/env bash
# What is deployed in an environment, and whether it is still what the configuration says.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"
# shellcheck source=nix/apps/lib/terraform.sh
. "$here/lib/terraform.sh"
# shellcheck source=nix/apps/lib/inspect.sh
. "$here/lib/inspect.sh"

usage() {
  cat <<EOF
usage: $stage [--env dev|staging|prod] [--no-drift] [--detailed-exitcode] [--dry-run]

Prints what is deployed: the resources of each Terraform root, the image, the pods, the URL, and whether a plan finds a
difference from this checkout. Changes nothing and takes no lock.

  --env NAME           dev, staging or prod (ENV, dev)
  --no-drift           do not plan: what is there, not whether it is right
  --detailed-exitcode  exit 2 when there is a difference
  --dry-run            show the commands, run none
EOF
}

# Sets image, tag and pods, as the cluster has them. The image that it runs is the one to plan with: another would differ.
look_at_cluster() {
  local kubectl
  image=
  tag=
  pods=unknown
  use_cluster || return 0
  kubectl=(kubectl --context "$(cluster_name)" --namespace "$env" --request-timeout 15s get deployment backend --ignore-not-found)
  image=$(ask "" "${kubectl[@]}" --output 'jsonpath={.spec.template.spec.containers[0].image}') || image=unknown
  tag=$(ask "" "${kubectl[@]}" --output 'jsonpath={.spec.template.metadata.labels.app\.kubernetes\.io/version}') || tag=
  pods=$(ask "" "${kubectl[@]}" --output 'jsonpath={.status.readyReplicas} of {.spec.replicas} ready') || pods=unknown
  # None is left out of a status, not 0.
  case $pods in " of "*) pods="0$pods" ;; esac
}

# Prints the line of a root; sets failed, differs and url.
tell() {
  local answer drift
  if ! answer=$(inspect "$1"); then
    failed=true
    printf '%-12s unknown (above)\n' "$1"
    return
  fi
  [ -z "$dry_run" ] || return 0
  drift=$(field drift)
  case $drift in
    "") ;;
    none) drift=", as configured" ;;
    *)
      drift=", differs: $drift"
      differs=true
      ;;
  esac
  printf '%-12s %s resources%s\n' "$1" "$(field resources)" "$drift"
  [ "$1" != dns ] || url=$(field url)
}

field() { printf '%s\n' "$answer" | sed -n "s/^$1=//p"; }

options "env= no-drift detailed-exitcode" "$@"
enter_checkout
settings
need terraform aws kubectl jq git
find_account
make_scratch
look_at_cluster
image_tag=$tag
case $image in *@sha256:*) image_digest=${image##*@} ;; esac
failed=
differs=
url=
[ -n "$dry_run" ] || printf '%-12s %s\n' environment "$env" account "$account" region "$region"
for each in aws kubernetes dns; do tell "$each"; done
[ -n "$dry_run" ] ||
  printf '%-12s %s\n' image "${image:-none}" version "${tag:-none}" pods "${pods:-none}" url "${url:-none}"
[ -z "$failed" ] || die "could not look at everything (above)"
if [ -n "$differs" ]; then
  say "differs from this checkout; to see how: $(stage_command plan-aws --env "$env"), or of kubernetes or dns"
  [ -z "${detailed_exitcode:-}" ] || exit 2
fi
