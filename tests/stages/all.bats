#!/usr/bin/env bats
# What holds for every stage.

load helper

# What each script needs to be called with; a word for each script that serves several stages.
arguments() {
  case $1 in
    init | plan | apply | destroy) echo aws ;;
    deploy | destroy-all) echo dev ;;
    sign) echo "image --digest $digest" ;;
    build-image) echo --all ;;
    comment-preview) echo --pull-request 7 --stale ;;
    fetch-plan | store-plan) echo --root aws --run 1 ;;
    preview) echo --base HEAD --output preview.md ;;
    publish-release) echo "--tag v1.0.0 --image-digest $digest --sbom x" ;;
    push-state) echo --root aws ;;
    report-release | verify-image) echo --version 1.0.0 ;;
    sbom) echo --output sbom.json ;;
    verify-attestations) echo "--image x@$digest --chart x@$digest" ;;
  esac
}

# That each explains itself: tests/nix/test_recipes.py.
@test "every stage refuses a wrong option on one line, and has a dry run that calls nothing" {
  git tag v1.0.0
  export GITHUB_REPOSITORY=greeter/backend-cloud-app PLAN_SHA256=${digest#*:}
  for script in "$repository"/nix/apps/*.sh; do
    name=$(basename "$script" .sh)
    [ "$name" != lib ] || continue
    read -ra words <<<"$(arguments "$name")"
    case $name in init | plan | apply | destroy | deploy | destroy-all | sign) word=("${words[0]}") ;; *) word=() ;; esac
    if [ "${#word[@]}" -gt 0 ]; then
      # It serves several stages, and is called as none.
      output=$("$script" --help 2>&1 </dev/null) || explain "$name --help fails"
      says "usage: $name.sh "
      stage "$name"
      ends_with 64
      says "$name.sh: called without "
      [ "${#lines[@]}" -eq 1 ]
    fi
    stage "$name" ${word[@]+"${word[@]}"} --bogus
    ends_with 64
    says "unknown option '--bogus': see "
    [ "${#lines[@]}" -eq 1 ]
    stage "$name" ${words[@]+"${words[@]}"} --dry-run
    [ "$status" -eq 0 ] || explain "$name --dry-run fails"
    # No results, and none of our own functions.
    ! grep -qE '^([a-z]+=|[+] [a-z]*_)' <<<"$output" || explain "$name --dry-run"
    [ ! -s "$CALLS" ] || explain "$name --dry-run called something"
  done
  [ ! -e .plans ] || explain "a dry run made .plans"
}

# A table: what is typed, the status, and the line.
@test "what somebody types wrong is refused before anything is called" {
  touch terraform/dns/errored.tfstate
  echo >>Cargo.toml
  while IFS='|' read -r typed expected line; do
    read -ra words <<<"$typed"
    stage "${words[@]}"
    ends_with "$expected"
    says "$line"
    [ ! -s "$CALLS" ] || explain "$typed called something"
  done <<'EOF'
plan aws --env qa|64|plan-aws: unknown environment 'qa' (--env or ENV): dev, staging or prod: see plan-aws --help
plan aws --yes|64|plan-aws: unknown option '--yes'
plan aws --env|64|plan-aws: --env needs a value
plan aws dev|64|plan-aws: unexpected argument 'dev'
plan moon|64|plan-moon: unknown root 'moon': bootstrap, aws, kubernetes or dns
plan kubernetes --image-digest latest|1|'latest' is not an image digest
plan dns --env prod|1|terraform/dns/errored.tfstate holds what an apply did and could not write to the bucket; push it first: nix/apps/push-state.sh --root dns --env prod
apply dns --yes|1|terraform/dns/errored.tfstate holds what an apply did
destroy dns --yes|1|terraform/dns/errored.tfstate holds what an apply did
apply aws|1|there is no plan of aws for dev: run nix/apps/plan.sh aws --env dev
apply aws --env prod --yes|1|--yes does not answer for prod: type the digest of each plan, or set PLAN_SHA256 for an apply
apply bootstrap --env dev|64|unknown option '--env'
destroy aws --env prod --yes|1|--yes does not answer for prod
destroy bootstrap|1|terraform/bootstrap/README.md
deploy prod --yes --from aws|1|--yes does not answer for prod
deploy dev --env prod|64|unknown option '--env'
deploy dev --from moon|64|unknown step 'moon' (--from): push, aws, kubernetes or dns
deploy qa|64|unknown environment 'qa'
destroy-all staging --yes|1|--yes does not answer for staging
destroy-all prod --yes|1|--yes does not answer for prod
destroy-all dev --from moon|64|unknown step 'moon'
push-state|64|--root is missing
push-state --root moon|64|unknown root 'moon'
store-plan --run 1|64|--root is ''
store-plan --root aws|64|--run is missing
store-plan --root aws --run 1 --env qa|64|unknown environment 'qa'
fetch-plan --root aws --run 1|64|PLAN_SHA256 is '': the 64 hexadecimal digits
comment-preview --pull-request x|64|--pull-request is 'x': a number
verify-image --version 1.0.0;true|64|--version is '1.0.0;true': a released version
verify-attestations --image x:1.0.0|64|'x:1.0.0' names no digest
sign image --digest latest|64|--digest is 'latest'
build-image --digest x|64|--digest is that of an index: it needs --all
publish-release --tag v9.9.9 --image-digest x --sbom y|1|there is no tag v9.9.9 in this checkout: git fetch --tags
push-image|1|push-image: the tree has uncommitted changes and the image is named by its commit: commit them
check-gate|64|check-gate: GITHUB_REPOSITORY is not set: owner/name
dynamodb-local --port x|64|--port is 'x': a number
EOF
  PLAN_SHA256='x; rm -rf /' stage fetch-plan --root aws --run 1
  ends_with 64
  says '64 hexadecimal digits'
  cd "$BATS_TEST_TMPDIR"
  refuses 'plan-aws: not in a git checkout: run it in a clone of backend-cloud-app' plan aws
  [ ! -s "$CALLS" ]
}

@test "a message names commands as the reader has them, and sends nobody round in a circle" {
  STAGES=nix passes plan aws
  says "to apply it: nix run .#apply-aws -- --env dev"
  hide terraform
  refuses "terraform is not installed: install it, or run this stage as 'nix run .#plan-aws', which brings it" plan aws
  STAGES=nix refuses "terraform is not among the tools of plan-aws: add it in nix/apps.nix" plan aws
  hide nix
  refuses "nix is not installed: install it, nix/README.md says which version" push-image
  hide aws
  refuses "terraform, aws are not installed: install them, or run this stage as 'nix run .#plan-aws', which brings them" plan aws
}

@test "the stages keep to the bash and the tools of macOS" {
  run grep -nE 'declare -A|local -A|mapfile|readarray|\$\{[a-z_]+(,,|\^\^)|wait -n|&>>|\|&|coproc|readlink -f|sed -i|date -d|grep -P|\bstat -c|xargs -r|mktemp --' \
    "$repository"/nix/apps/*.sh "$repository"/nix/apps/lib/*.sh
  [ "$status" -eq 1 ] || explain "found"
}
