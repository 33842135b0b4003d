# shellcheck shell=bash
# shellcheck disable=SC2154,SC2329 # work and helm are the script's; until_true calls functions by name
# The chart more than once, and under names that YAML takes for numbers.

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

two_aliases() {
  say "two aliases in one parent"
  mkdir -p "$work/shop/charts"
  cp -R helm/backend "$work/shop/charts/"
  cat >"$work/shop/Chart.yaml" <<'YAML'
apiVersion: v2
name: shop
version: 1.0.0
dependencies:
  - { name: backend, version: "*", alias: one, condition: one.enabled }
  - { name: backend, version: "*", alias: two, condition: two.enabled }
YAML
  h install shop "$work/shop" --set one.aws.irsa.enabled=false --set two.aws.irsa.enabled=false >/dev/null
  ready 2 shop-one
  ready 2 shop-two
  h upgrade shop "$work/shop" --set one.aws.irsa.enabled=false --set two.enabled=false >/dev/null
  ready 2 shop-one
  ! k get deployment shop-two >/dev/null 2>&1 || fail "two.enabled=false leaves shop-two"
  h uninstall shop --wait >/dev/null
}

numbers_for_names() {
  local namespace=123456
  say "a release, a namespace, a priority class and an annotation that look like numbers"
  kubectl create namespace "$namespace" >/dev/null
  kubectl create priorityclass 1e3 --value 1 >/dev/null
  until_true 30 "the namespace's default service account" k get serviceaccount default
  h install 123456 helm/backend --values helm/backend/values.local.yaml --set-string priorityClassName=1e3 \
    --set 'ingress.annotations.max-age=31536000' --set podAnnotations.max-age=31536000 --set-string commonLabels.team=12 >/dev/null
  ready 1 backend-123456
  [ "$(k get ingress backend-123456 --output jsonpath='{.metadata.annotations.max-age}')" = 31536000 ] || fail "the annotation is another"
  h uninstall 123456 --wait >/dev/null
  kubectl delete namespace "$namespace" --wait=false >/dev/null
}

# A quota of CPU and memory refuses every container that does not say how much of each it wants and may have.
store_under_a_quota() {
  say "the local store under a quota"
  k create quota all --hard=requests.cpu=2,requests.memory=2Gi,limits.cpu=8,limits.memory=2Gi >/dev/null
  h install dynamodb-local helm/dynamodb-local >/dev/null
  admitted dynamodb-local
  h uninstall dynamodb-local --wait >/dev/null
  k delete quota all >/dev/null
}
