#!/usr/bin/env bash
# Deploys the service and its store to minikube.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

usage() {
  cat <<EOF
usage: $stage [--no-forward] [--dry-run]

Builds the image into minikube, deploys DynamoDB Local with its table and the service, tests the release, and forwards
http://127.0.0.1:8888 (LOCAL_PORT) to it until Ctrl-C. Runs again safely.

  --no-forward  end after the test and print the command that forwards the port
  --dry-run     show the commands, run none
EOF
}

options "no-forward" "$@"
enter_checkout
settings
need nix minikube helm kubectl
[ -n "$dry_run" ] || minikube status >/dev/null || die "minikube is not running: run $(stage_command minikube-up)"

# A tag for each build: with one name for all of them, a pod would keep the image that it has.
tag=$("$here/build-local.sh" ${dry_run:+--dry-run} | sed -n 's/^tag=//p')
[ -z "$dry_run" ] || tag=TAG
[ -n "$tag" ] || die "building the image failed (above)"
helm=(helm --kube-context minikube --namespace dev)
run "${helm[@]}" upgrade --install dynamodb-local helm/dynamodb-local --create-namespace --atomic --timeout 5m \
  --set-string "backend.image.tag=$tag"
run "${helm[@]}" upgrade --install backend helm/backend --values helm/backend/values.local.yaml --atomic --timeout 5m \
  --set-string "image.tag=$tag"
run "${helm[@]}" test backend --timeout 2m

port=${LOCAL_PORT:-8888}
# Not `minikube service --url`: on macOS that address lives only as long as the command that prints it.
forward=(kubectl --context minikube --namespace dev port-forward service/backend "$port:http")
if [ -n "$dry_run" ]; then
  show "${forward[@]}"
  exit
fi
cat <<EOF
curl -i -X PUT -H 'Content-Type: application/json' -d '{"dateOfBirth":"1990-01-01"}' http://127.0.0.1:$port/hello/alice
curl -i http://127.0.0.1:$port/hello/alice
EOF
if [ -n "${no_forward:-}" ]; then
  say "deployed; forward the port, then try the two commands above:"
  show "${forward[@]}"
else
  say "deployed: http://127.0.0.1:$port answers until Ctrl-C; try the two commands above in another terminal"
  resume_hint() { echo "the service goes on in minikube; to remove it: $(stage_command undeploy-backend-local)"; }
  supervise "${forward[@]}" >&2
fi
