# shellcheck shell=bash
# shellcheck disable=SC2329 # until_true calls functions by name
# The upgrade from the chart that ours replaces, by the commands of helm/backend/README.md, and the way back by those.

# A stand-in for the old chart: the names of its objects, its selectors and ports, which are what an upgrade meets.
write_original() {
  : "${work:?}" "${helm:?}" "${namespace:?}" "${terraform_values:?}"
  local templates=$work/original/templates
  made() { kubectl create "$@" --dry-run=client --output yaml; }
  mkdir -p "$templates"
  printf 'apiVersion: v2\nname: backend\nversion: 0.1.0\n' >"$work/original/Chart.yaml"
  made deployment backend --image backend-cloud-app:latest --replicas 2 --port 8888 |
    kubectl set serviceaccount --local --filename - --output yaml dev-backend-sa >"$templates/deployment.yaml"
  kubectl autoscale --filename "$templates/deployment.yaml" --min 2 --max 10 --dry-run=client \
    --output yaml >"$templates/hpa.yaml"
  made serviceaccount dev-backend-sa >"$templates/serviceaccount.yaml"
  made service clusterip backend --tcp 80:8888 --tcp 443:8888 >"$templates/service.yaml"
  made ingress backend --class alb --rule '/*=backend:80' >"$templates/ingress.yaml"
}

# documented NUMBER - the commands of that block of the README's section.
documented() {
  awk -v wanted="$1" '
    /^## /{ inside = /^## Upgrade from/ }
    inside && /^    /{ if (!block) number++; block = 1; if (number == wanted) print substr($0, 5); next }
    { block = 0 }' helm/backend/README.md
}

# follow NUMBER - runs them, in the test's namespace and with its Helm.
follow() {
  (
    set -euo pipefail
    kubectl() { command kubectl --namespace "$namespace" "$@"; }
    helm() { command "$helm" --namespace "$namespace" "$@"; }
    # shellcheck disable=SC2034 # the README's own names
    values=$terraform_values replicas=3 revision=1
    eval "$(documented "$1")"
  ) >"$work/follow" 2>&1 || {
    cat "$work/follow"
    fail "the README's commands do not work"
  }
}

sets_of_pods() { k get replicasets --output jsonpath='{range .items[*]}{.metadata.labels.app\.kubernetes\.io/name}.{end}'; }

take_over_from_the_original() {
  write_original
  # The old chart's pods are not restricted.
  kubectl label namespace "$namespace" pod-security.kubernetes.io/enforce=privileged --overwrite >/dev/null
  h install backend "$work/original" >/dev/null
  k scale deployment backend --replicas=3 >/dev/null
  ready 3
  say "follow the README from the old chart to this one"
  watch_endpoints forward
  follow 1
  gone() { [ "$(sets_of_pods)" = "$1" ]; }
  until_true 60 "the end of the old pods" gone backend.
  ready 3
  never_below 3 forward "from the old chart to this one"
  say "and back"
  watch_endpoints back
  follow 2
  until_true 60 "the end of the new pods" gone .
  ready 2
  never_below 2 back "and back"
  say "and there again, for good"
  follow 1
  watch_endpoints settled
  h upgrade backend helm/backend --values "$terraform_values" --wait >/dev/null
  never_below 3 settled "an upgrade without the old label"
  h uninstall backend --wait >/dev/null
  nothing() { [ -z "$(k get deployments,replicasets,services,ingresses,horizontalpodautoscalers,poddisruptionbudgets --output name)" ]; }
  until_true 60 "the end of everything" nothing
}
