#!/usr/bin/env bash
# Runs DynamoDB Local on this machine, for `cargo run` and the tests.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
stage=dynamodb-local
# shellcheck source=nix/apps/lib.sh
. "$here/lib.sh"

usage() {
  cat <<EOF
usage: $stage [--port PORT] [--dry-run]

Runs DynamoDB Local in memory until Ctrl-C, makes the table 'users' and prints the settings that point the service at it.

  --port PORT  8000
  --dry-run    show the commands, run none
EOF
}

options "port=" "$@"
enter_checkout
settings
need dynamodb-local aws
port=${port:-8000}
endpoint=http://127.0.0.1:$port
table=${DYNAMODB_TABLE:-users}
# DynamoDB Local takes any credentials, but none at all no client sends.
export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
unset AWS_PROFILE AWS_SESSION_TOKEN

make_table() {
  local attempt
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    # The port opens before the store answers: ask it something.
    if aws dynamodb list-tables --endpoint-url "$endpoint" >/dev/null 2>&1; then
      create_table >/dev/null || return 1
      say "the table '$table' is there; in another terminal:"
      cat <<EOF
export STORE=dynamodb DYNAMODB_ENDPOINT=$endpoint DYNAMODB_TABLE=$table
export AWS_REGION=$region AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
cargo run
EOF
      return
    fi
    say "waiting for $endpoint ($attempt of 10)"
    sleep "${POLL_INTERVAL:-2}"
  done
  say "$endpoint does not answer: is the port in use? --port chooses another"
  return 1
}

create_table() {
  run aws dynamodb create-table --endpoint-url "$endpoint" --table-name "$table" --billing-mode PAY_PER_REQUEST \
    --attribute-definitions AttributeName=username,AttributeType=S \
    --key-schema AttributeName=username,KeyType=HASH
}

if [ -n "$dry_run" ]; then
  create_table
else
  { make_table || kill -TERM "$$"; } &
fi
supervise dynamodb-local -inMemory -port "$port" >&2
