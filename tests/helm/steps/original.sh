# shellcheck shell=bash
# shellcheck disable=SC2329 # until_true calls functions by name
# The upgrade from the chart that ours replaces, by the commands of helm/backend/README.md, and the way back by those.

# A stand-in for the old chart: its names, selectors and ports, which are what an upgrade meets.
write_original() {
  : "${work:?}" "${helm:?}" "${namespace:?}" "${terraform_values:?}"
  mkdir -p "$work/original/templates"
  printf 'apiVersion: v2\nname: backend\nversion: 0.1.0\n' >"$work/original/Chart.yaml"
  cat >"$work/original/templates/all.yaml" <<'YAML'
apiVersion: apps/v1
kind: Deployment
metadata: { name: backend }
spec:
  replicas: 2
  selector: { matchLabels: { app: backend } }
  template:
    metadata: { labels: { app: backend } }
    spec:
      serviceAccountName: dev-backend-sa
      containers: [{ name: backend, image: "backend-cloud-app:latest", ports: [{ containerPort: 8888 }] }]
---
apiVersion: v1
kind: Service
metadata: { name: backend }
spec:
  selector: { app: backend }
  ports: [{ name: http, port: 80, targetPort: 8888 }, { name: https, port: 443, targetPort: 8888 }]
---
{ apiVersion: v1, kind: ServiceAccount, metadata: { name: dev-backend-sa } }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: backend }
spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: backend }, minReplicas: 2, maxReplicas: 10 }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: backend }
spec:
  ingressClassName: alb
  rules: [{ http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: backend, port: { number: 80 } } } }] } }]
YAML
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
