# shellcheck shell=bash
# shellcheck disable=SC2329 # until_true calls functions by name
# Who decides how many pods there are: turning an autoscaler on or off keeps those that are there.

local_values=(--values helm/backend/values.local.yaml)

replicas() { k get deployment backend --output jsonpath='{.spec.replicas}'; }

# upgrade LEAST WHAT OPTION... - an upgrade in which the endpoints never are fewer, nor after the HPA has looked (every 15 s).
upgrade() {
  local least=$1 what=$2
  shift 2
  say "$what"
  watch_endpoints "upgrade-$what"
  h upgrade backend helm/backend "${local_values[@]}" "$@" >/dev/null
  k rollout status deployment/backend --timeout 120s >/dev/null
  sleep 20
  never_below "$least" "upgrade-$what" "$what"
  [ "$(replicas)" = "$least" ] || fail "$what: $(replicas) replicas instead of $least"
}

autoscaler_comes_and_goes() {
  h install backend helm/backend "${local_values[@]}" --set hpa.enabled=false --set replicaCount=6 >/dev/null
  ready 6
  upgrade 6 "HPA on" --set hpa.enabled=true
  upgrade 6 "HPA on, a rollout" --set hpa.enabled=true --set settings.LOG_LEVEL=debug
  # In place of the HPA, which has no metrics here.
  k scale deployment backend --replicas=7 >/dev/null
  ready 7
  upgrade 7 "HPA on, after it has scaled" --set hpa.enabled=true
  upgrade 7 "HPA off" --set hpa.enabled=false
  h uninstall backend --wait >/dev/null
}

# With the HPA from the first install on, or with an autoscaler that the chart knows nothing of, no manifest has a number.
autoscaler_of_ones_own() {
  local owner
  for owner in hpa.enabled=true replicaCount=null; do
    h install backend helm/backend "${local_values[@]}" --set "$owner" >/dev/null
    # The HPA raises one pod to its minimum.
    if [ "$owner" = hpa.enabled=true ]; then ready 2; else ready 1; fi
    k scale deployment backend --replicas=4 >/dev/null
    ready 4
    upgrade 4 "$owner, an upgrade" --set "$owner" --set settings.LOG_LEVEL=debug
    ! h get manifest backend | grep -q '^  replicas:' || fail "$owner: the manifest has replicas"
    k get poddisruptionbudget backend >/dev/null || fail "$owner: no disruption budget"
    watch_endpoints rollback
    h rollback backend 1 --wait >/dev/null
    never_below 4 rollback "$owner, a rollback"
    h uninstall backend --wait >/dev/null
  done
}
