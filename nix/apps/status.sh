#!/usr/bin/env bash
# What is deployed in an environment, and whether it is still what the configuration says.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
stage=status
# shellcheck source=nix/apps/lib.sh
. "$here/lib.sh"

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

options "env= no-drift detailed-exitcode" "$@"
enter_checkout
settings
need terraform aws kubectl jq git
find_account

# The image that the cluster runs is the one to plan with: another would always differ.
image=
tag=
pods=unknown
if use_cluster; then
  kubectl=(kubectl --context "$cluster" --namespace "$env" --request-timeout 15s get deployment backend --ignore-not-found)
  image=$(ask "" "${kubectl[@]}" --output 'jsonpath={.spec.template.spec.containers[0].image}') || image=unknown
  tag=$(ask "" "${kubectl[@]}" --output 'jsonpath={.spec.template.metadata.labels.app\.kubernetes\.io/version}') || tag=
  pods=$(ask "" "${kubectl[@]}" --output 'jsonpath={.status.readyReplicas} of {.spec.replicas} ready') || pods=unknown
  # None is left out of a status, not 0.
  case $pods in " of "*) pods="0$pods" ;; esac
fi
digest=
case $image in *@sha256:*) digest=${image##*@} ;; esac

failed=
differs=
url=
printf '%-12s %s\n' environment "$env" account "$account" region "$region"
for root in aws kubernetes dns; do
  inspect=("$here/terraform.sh" inspect "$root" --env "$env" ${no_drift:+--no-drift} ${dry_run:+--dry-run})
  [ "$root" != kubernetes ] || inspect+=(${tag:+--image-tag "$tag"} ${digest:+--image-digest "$digest"})
  if answer=$("${inspect[@]}"); then
    [ -z "$dry_run" ] || continue
    field() { printf '%s\n' "$answer" | sed -n "s/^$1=//p"; }
    drift=$(field drift)
    case $drift in
      "") ;;
      none) drift=", as configured" ;;
      *)
        drift=", differs: $drift"
        differs=true
        ;;
    esac
    printf '%-12s %s resources%s\n' "$root" "$(field resources)" "$drift"
    [ "$root" != dns ] || url=$(field url)
  else
    failed=true
    printf '%-12s unknown (above)\n' "$root"
  fi
done
if [ -z "$dry_run" ]; then
  printf '%-12s %s\n' image "${image:-none}" version "${tag:-none}" pods "${pods:-none}" url "${url:-none}"
fi
[ -z "$failed" ] || die "could not look at everything (above)"
if [ -n "$differs" ]; then
  say "differs from this checkout: plan-<root> --env $env shows how"
  [ -z "${detailed_exitcode:-}" ] || exit 2
fi
