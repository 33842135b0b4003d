# shellcheck shell=bash
# shellcheck disable=SC2329 # until_true calls functions by name
# A release's life: installed, upgraded, rolled back, with what Terraform gives it, uninstalled; two beside each other.

# `terraform test` holds that the release gets exactly these, tests/terraform that the environments differ in names only.
terraform_values=terraform/kubernetes/tests/backend_values.json

# admitted RELEASE - its pods exist, which they can only if they pass Pod Security, and no pod was refused.
admitted() {
  made() { [[ $(k get replicaset --selector "app.kubernetes.io/instance=$1" --output jsonpath='{.items[*].status.replicas}') =~ [1-9] ]]; }
  until_true 60 "a pod of $1" made "$1"
  if k get events --output jsonpath='{.items[*].reason}' | grep -qw FailedCreate; then
    fail "a pod of $1 was refused"
  fi
}

install_upgrade_roll_back() {
  local before after
  say "install both charts"
  h install dynamodb-local helm/dynamodb-local >/dev/null
  h install backend helm/backend --values helm/backend/values.local.yaml >/dev/null
  admitted dynamodb-local
  admitted backend

  say "upgrade"
  before=$(spec)
  h upgrade backend helm/backend --values helm/backend/values.local.yaml --set replicaCount=2 \
    --set settings.LOG_LEVEL=debug >/dev/null
  after=$(spec)
  [ "$before" != "$after" ] || fail "the upgrade changed nothing"
  k get poddisruptionbudget backend >/dev/null

  say "roll back"
  h rollback backend 1 >/dev/null
  [ "$(spec)" = "$before" ] || fail "the rollback did not bring the first revision back"
  ! k get poddisruptionbudget backend >/dev/null 2>&1 || fail "the rollback left the disruption budget"
}

spec() { k get deployment backend --output jsonpath='{.spec.replicas} {.spec.template.spec}'; }

# They pass the API server's own validation and defaults, Pod Security and the HPA's and PDB's.
terraform_s_values() {
  say "upgrade to the values that Terraform gives"
  h upgrade backend helm/backend --values "$terraform_values" "$@" >/dev/null
  [ $# -gt 0 ] || k get horizontalpodautoscaler,poddisruptionbudget backend >/dev/null
}

# Both tests pass, and their pods go away.
helm_test() {
  local release
  say "helm test"
  for release in dynamodb-local backend; do
    h test "$release" >/dev/null
    [ -z "$(k get pods --selector "app.kubernetes.io/instance=$release,app.kubernetes.io/component in (smoke, test)" --output name)" ] ||
      fail "the test's pod of $release is still there"
  done
}

uninstall() {
  local release kinds=all,serviceaccounts,ingresses,networkpolicies,poddisruptionbudgets,persistentvolumeclaims
  say "uninstall both charts"
  for release in backend dynamodb-local; do
    h uninstall "$release" --wait >/dev/null
    gone() { [ -z "$(k get "$kinds" --selector "app.kubernetes.io/instance=$1" --output name)" ]; }
    until_true 90 "the end of $release" gone "$release"
  done
}

# endpoints_of SERVICE
endpoints_of() {
  k get endpointslices --selector "kubernetes.io/service-name=$1" --output jsonpath='{.items[*].endpoints[*].addresses[0]}' | wc -w
}

two_releases() {
  say "two releases in a namespace"
  h install backend helm/backend --values "$terraform_values" >/dev/null
  h install blue helm/backend --values "$terraform_values" --set hpa.minReplicas=3 >/dev/null
  ready 2
  ready 3 blue-backend
  [ "$(endpoints_of backend) $(endpoints_of blue-backend)" = "2 3" ] || fail "one release has the other's endpoints"
  h uninstall blue --wait >/dev/null
  ready 2
  h uninstall backend --wait >/dev/null
}
