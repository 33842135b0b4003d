#!/usr/bin/env bash
# Runs DynamoDB Local on this machine, for `cargo run` and the tests.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

usage() {
  cat <<EOF
usage: $stage [--port PORT] [--dry-run]

Runs DynamoDB Local in memory until Ctrl-C, makes the table 'users' and prints the settings that point the service at it.

  --port PORT  8000
  --dry-run    show the commands, run none
EOF
}

# The port opens before the store answers: ask it something.
answers() {
  local attempt
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    ! aws dynamodb list-tables --endpoint-url "$endpoint" >/dev/null 2>&1 || return 0
    # It ended by itself, or was told to.
    kill -0 "$child" 2>/dev/null && [ -z "$interrupted" ] || return 1
    say "waiting for $endpoint ($attempt of 10)"
    sleep "${POLL_INTERVAL:-2}"
  done
  return 1
}

create_table() {
  run aws dynamodb create-table --endpoint-url "$endpoint" --table-name "$table" --billing-mode PAY_PER_REQUEST \
    --attribute-definitions AttributeName=username,AttributeType=S \
    --key-schema AttributeName=username,KeyType=HASH >/dev/null
}

stop() {
  kill -TERM "$child" 2>/dev/null || true
  await_child || true
  die "$1"
}

options "port=" "$@"
enter_checkout
settings
need dynamodb-local aws
port=${port:-8000}
[[ $port =~ ^[0-9]+$ ]] || misuse "--port is '$port': a number"
[ -n "$dry_run" ] || refuse_used_port "$port" port
endpoint=http://127.0.0.1:$port
table=${DYNAMODB_TABLE:-users}
# DynamoDB Local takes any credentials, but none at all no client sends.
export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
unset AWS_PROFILE AWS_SESSION_TOKEN
show dynamodb-local -inMemory -port "$port"
if [ -n "$dry_run" ]; then
  create_table
  exit
fi
launch dynamodb-local -inMemory -port "$port" >&2
answers || stop "$endpoint does not answer"
create_table || stop "cannot make the table '$table' (above)"
say "the table '$table' is there; in another terminal:"
cat <<EOF
export STORE=dynamodb DYNAMODB_ENDPOINT=$endpoint DYNAMODB_TABLE=$table
export AWS_REGION=$region AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
cargo run
EOF
await_child
