#!/usr/bin/env bats
# The stages of local deploys: they name minikube in every call, and work again and again.

load helper

archive=/nix/store/0123456789abcdef-backend-cloud-app-1.0.0-amd64.tar

@test "minikube-up starts the cluster with its add-on and namespace, and runs again" {
  fails 'kubectl *get namespace*' 1 NotFound
  next_answer 0 '' ''
  passes minikube-up
  calls_are '^(minikube|kubectl)' 'minikube start --cpus=4 --memory=6g --driver=docker
minikube addons enable metrics-server
kubectl --context minikube get namespace dev
kubectl --context minikube create namespace dev'
  : >"$CALLS"
  MINIKUBE_DRIVER=podman passes minikube-up
  called '--driver=podman'
  never_called 'create namespace'
}

@test "minikube-down stops the cluster, and deletes it only when told to" {
  stage minikube-down
  stage minikube-down --delete
  calls_are '^minikube' 'minikube stop
minikube delete'
}

@test "build-local loads the image under a tag of its content, and nothing twice" {
  answer 'nix *build*' "$archive"
  answer 'minikube image ls' '' docker.io/library/backend-cloud-app:0123456789ab
  passes build-local
  says tag=0123456789ab
  calls_are '^(nix|minikube)' "nix --extra-experimental-features nix-command\ flakes build --no-link --print-out-paths --print-build-logs .#image
minikube image ls
minikube image load $archive
minikube image tag backend-cloud-app:1.0.0 backend-cloud-app:0123456789ab"
  : >"$CALLS"
  passes build-local
  never_called 'image load'
}

@test "deploy-backend-local deploys the store and the service, tests them, and forwards the port last, or says how to" {
  answer 'nix *build*' "$archive"
  LOCAL_PORT=9000 passes deploy-backend-local
  calls_are '^helm' 'helm --kube-context minikube --namespace dev upgrade --install dynamodb-local helm/dynamodb-local --create-namespace --atomic --timeout 5m --set-string backend.image.tag=0123456789ab
helm --kube-context minikube --namespace dev upgrade --install backend helm/backend --values helm/backend/values.local.yaml --atomic --timeout 5m --set-string image.tag=0123456789ab
helm --kube-context minikube --namespace dev test backend --timeout 2m'
  says 'http://127.0.0.1:9000 answers until Ctrl-C'
  [ "$(tail -n 1 "$CALLS")" = 'kubectl --context minikube --namespace dev port-forward service/backend 9000:http' ]
  passes deploy-backend-local --no-forward
  says '+ kubectl --context minikube --namespace dev port-forward service/backend 8888:http'
  [ "$(grep -c '^curl -i .*http://127.0.0.1:8888/hello/alice$' <<<"$output")" -eq 2 ]
}

@test "deploy-backend-local stops where minikube does not run, and at a failed build, release or test" {
  answer 'nix *build*' "$archive"
  fails 'helm *test*' 1 'Error: pod backend-test failed'
  refuses 'Error: pod backend-test failed' deploy-backend-local
  is_silent_about 'answers until'
  fails 'helm *upgrade*' 1 'Error: timed out'
  refuses 'Error: timed out' deploy-backend-local
  : >"$CALLS"
  fails 'nix *build*' 1 'error: no'
  refuses 'error: no' deploy-backend-local
  fails 'minikube status' 85 'host: Stopped'
  refuses 'deploy-backend-local: minikube is not running: run nix/apps/minikube-up.sh' deploy-backend-local
  never_called helm
}

@test "undeploy-backend-local removes both releases, also when they are gone" {
  passes undeploy-backend-local
  calls_are '^helm' 'helm --kube-context minikube --namespace dev uninstall backend dynamodb-local --ignore-not-found --wait --timeout 5m'
}

@test "dynamodb-local makes the table and prints the settings, with credentials that are nobody's" {
  export AWS_PROFILE=real
  fails 'aws dynamodb list-tables *' 255 'Could not connect'
  next_answer 0 '' ''
  does 'dynamodb-local *' hang
  "$repository/nix/apps/dynamodb-local.sh" --port 8123 >"$BATS_TEST_TMPDIR/output" 2>&1 </dev/null 3>&- &
  stage_pid=$!
  until grep -q 'cargo run' "$BATS_TEST_TMPDIR/output"; do sleep 0.1; done
  kill -TERM "$stage_pid"
  wait "$stage_pid" || true
  output=$(<"$BATS_TEST_TMPDIR/output")
  says 'export STORE=dynamodb DYNAMODB_ENDPOINT=http://127.0.0.1:8123 DYNAMODB_TABLE=users'
  called 'dynamodb-local -inMemory -port 8123' 'aws dynamodb create-table --endpoint-url http://127.0.0.1:8123 --table-name users'
  called 'dynamodb-local got TERM'
}

@test "dynamodb-local stops when the table cannot be made, and makes none in another server" {
  fails 'aws dynamodb create-table *' 255 'boom'
  does 'dynamodb-local *' hang
  refuses boom dynamodb-local --port 8124
  says "dynamodb-local: cannot make the table 'users' (above)"
  : >"$CALLS"
  python3 -c 'import socket, time; server = socket.create_server(("127.0.0.1", 8125)); print("up", flush=True); time.sleep(60)' >"$BATS_TEST_TMPDIR/up" 3>&- &
  server=$!
  until grep -q up "$BATS_TEST_TMPDIR/up"; do sleep 0.1; done
  stage dynamodb-local --port 8125
  kill "$server"
  ends_with 1
  says 'dynamodb-local: port 8125 is in use: --port chooses another'
  [ ! -s "$CALLS" ]
}
