#!/usr/bin/env bats
# The stages that the workflows call: plans on their way to an apply, gates, drift, releases.

load helper

registry=$account.dkr.ecr.eu-west-1.amazonaws.com
bucket=backend-cloud-app-state-$account-eu-west-1

@test "store-plan and fetch-plan say in one line what is not the plan, not the approved one, or not there" {
  passes plan aws
  sha256=$(jq -r .sha256 .plans/dev/aws.json)
  echo >>.plans/dev/aws.tfplan
  refuses 'is not what was planned: run nix/apps/plan.sh aws --env dev again' store-plan --root aws --run 42
  rm .plans/dev/*
  # shellcheck disable=SC2016 # expanded there
  does 'aws s3 cp *' 'echo "{}" >"${!#}"'
  PLAN_SHA256=$sha256 refuses "approved was $sha256: plan again and approve that" fetch-plan --root aws --run 42
  [ -z "$(ls -A .plans/dev)" ]
  fails 'aws s3 cp *' 1 '404'
  PLAN_SHA256=$sha256 refuses "fetch-plan: run 7 has no plan of dns for dev in $bucket" fetch-plan --root dns --run 7
  refuses 'store-plan: there is no plan of dns for dev: run nix/apps/plan.sh dns --env dev' store-plan --root dns --run 7
}

@test "the gate is shut where the environment is not there, lets another branch in, or has nobody to approve" {
  export GITHUB_REPOSITORY=greeter/backend-cloud-app
  all_is_well prod
  answer 'gh api *required_reviewers*' 1
  for env in dev prod; do
    passes check-gate --env "$env"
    says open=true
    called "gh api repos/greeter/backend-cloud-app/environments/$env"
  done
  answer 'gh api *required_reviewers*' 0
  passes check-gate --env staging
  says open=false
  # dev needs nobody to approve, but the same fence: its apply role trusts the environment.
  stage check-gate
  says open=true
  answer 'gh api *deployment-branch-policies*' 'main feature'
  refuses "check-gate: the environment 'dev' lets 'feature' in: allow only main" check-gate
  answer 'gh api repos/*/environments/dev' '{"deployment_branch_policy": null}'
  refuses "the environment 'dev' does not say which branches may use it: allow only main" check-gate
  fails 'gh api repos/*/environments/dev' 1 'HTTP 404'
  refuses "the environment 'dev' of greeter/backend-cloud-app is not there" check-gate
}

drift() {
  fails 'terraform * plan *' "$1" ''
  answer 'gh issue list *' "$2"
  stage report-drift --env staging
}

@test "report-drift opens an issue, comments on it, closes it, and takes no failed look for no drift" {
  drift 2 ''
  succeeds
  called 'gh issue create --title Drift\ in\ staging --body'
  drift 2 17
  succeeds
  called 'gh issue comment 17 --body'
  : >"$CALLS"
  drift 1 17
  ends_with 1
  drift 0 ''
  succeeds
  says 'no drift in staging'
  never_called 'gh issue c'
  drift 0 17
  succeeds
  called 'gh issue close 17 --comment'
}

@test "check-version holds the chart, the tag, main and the workflow's repository to Cargo.toml" {
  GITHUB_REPOSITORY=greeter/backend-cloud-app passes check-version --tag v1.0.0
  says version=1.0.0
  refuses "check-version: the tag is 'v1.0.1', Cargo.toml has version '1.0.0'" check-version --tag v1.0.1
  GITHUB_REPOSITORY=another/backend-cloud-app refuses "Cargo.toml has repository 'https://github.com/greeter/backend-cloud-app', this workflow runs in https://github.com/another/" check-version
  sed -i 's/^version: .*/version: 1.1.0/' helm/backend/Chart.yaml
  refuses "helm/backend/Chart.yaml has version '1.1.0', Cargo.toml has version '1.0.0'" check-version
  git checkout --quiet helm
  git checkout --quiet -b side
  commit side
  refuses 'check-version: v1.0.0 is not on main: merge its commit first, then tag that' check-version --tag v1.0.0
}

@test "push-chart pushes a version once" {
  fails 'aws ecr describe-images *' 254 'An error occurred (ImageNotFoundException)'
  next_answer 0 "$digest" ''
  passes push-chart
  says "digest=$digest"
  called 'helm package helm/backend --destination ' "backend-1.0.0.tgz oci://$registry/charts"
  : >"$CALLS"
  passes push-chart
  never_called helm
}

@test "signing is by digest, and not done twice" {
  fails 'cosign verify *' 1 'no signatures found'
  passes sign image --digest "$digest"
  called "cosign sign --yes $registry/backend-cloud-app@$digest"
  stage sign chart --digest "$digest"
  called "cosign sign --yes $registry/charts/backend@$digest"
  : >"$CALLS"
  answer 'cosign verify *' ''
  passes sign image --digest "$digest"
  never_called 'cosign sign'
}

@test "a release is deployed by the digest that the release workflow signed, and not without that signature" {
  passes verify-image --version 1.0.0
  says "digest=$digest" tag=1.0.0
  called "cosign verify --certificate-oidc-issuer https://token.actions.githubusercontent.com --certificate-identity https://github.com/greeter/backend-cloud-app/.github/workflows/release.yaml@refs/tags/v1.0.0 $registry/backend-cloud-app@$digest"
  fails 'cosign verify *' 1 'no matching signatures'
  refuses 'has no signature of the release workflow at v1.0.0 (above): do not deploy it' verify-image --version 1.0.0
  is_silent_about "digest=$digest"
  fails 'aws ecr describe-images *' 254 'An error occurred (ImageNotFoundException)'
  refuses "verify-image: $registry has no backend-cloud-app:9.9.9" verify-image --version 9.9.9
}

@test "a release lists what changed since the one before, once" {
  git tag v0.9.0
  commit 'Add a thing'
  git tag v1.0.0
  fails 'gh release view *' 1 'release not found'
  touch "$BATS_TEST_TMPDIR/sbom.json"
  passes publish-release --tag v1.0.0 --image-digest "$digest" --sbom "$BATS_TEST_TMPDIR/sbom.json"
  called 'gh release create v1.0.0 --verify-tag --title v1.0.0' 'Add a thing ('
  never_called 'first ('
  answer 'gh release view *' ''
  : >"$CALLS"
  passes publish-release --tag v1.0.0 --image-digest "$digest" --sbom "$BATS_TEST_TMPDIR/sbom.json"
  never_called 'release create'
}

@test "the bill of materials has every crate that cargo builds in, none that only tests need, as Cargo.lock has them" {
  cd "$repository"
  HOME=$(unset HOME && echo ~) passes sbom --output "$BATS_TEST_TMPDIR/sbom.json"
  cargo_tree() {
    HOME=$(unset HOME && echo ~) cargo tree --locked --target x86_64-unknown-linux-musl --prefix none --edges normal,build --format '{p}' "$@" |
      sed -nE 's|^([^ ]+) v([^ ]+).*|pkg:cargo/\1@\2|p' | LC_ALL=C sort -u
  }
  service=$(cargo_tree | grep /backend-cloud-app@)
  of() { jq -r --arg service "$service" "$1" "$BATS_TEST_TMPDIR/sbom.json" | LC_ALL=C sort -u; }
  [ "$(of '.components[].purl')" = "$(cargo_tree | grep -v "$service")" ]
  # shellcheck disable=SC2016 # for jq
  [ "$(of '.dependencies[] | select(.ref == $service).dependsOn[]')" = "$(cargo_tree --depth 1 | grep -v "$service")" ]
  [ "$(of '.components[] | .licenses[0].expression | contains("/")')" = false ]
  [ "$(of '.components[] | "name = \"\(.name)\"\nversion = \"\(.version)\"" , "checksum = \"\(.hashes[0].content)\""' |
    grep -vxFf Cargo.lock)" = '' ]
}

@test "attestations are verified by digest and by workflow, or the page says why there are none" {
  export GITHUB_REPOSITORY=greeter/backend-cloud-app GITHUB_STEP_SUMMARY=$BATS_TEST_TMPDIR/summary
  image=$registry/backend-cloud-app@$digest chart=$registry/charts/backend@$digest
  verify() { stage verify-attestations --image "$image" --chart "$chart"; }
  ATTESTATIONS=false verify
  succeeds
  never_called gh
  grep -q 'No attestations: GitHub makes none for private repositories' "$GITHUB_STEP_SUMMARY"
  verify
  succeeds
  for each in "$image" "$chart"; do
    called "gh attestation verify oci://$each --repo greeter/backend-cloud-app --signer-workflow greeter/backend-cloud-app/.github/workflows/release.yaml"
  done
  grep -q '^Attested and verified' "$GITHUB_STEP_SUMMARY"
  : >"$GITHUB_STEP_SUMMARY"
  fails "gh attestation verify oci://$chart *" 1 'no attestations found'
  verify
  ends_with 1
  says "$chart has no attestation of this repository's release workflow (above)"
  [ ! -s "$GITHUB_STEP_SUMMARY" ]
}

@test "after a failed release its page says what the registry holds, signed or not" {
  export GITHUB_STEP_SUMMARY=$BATS_TEST_TMPDIR/summary
  fails 'aws ecr describe-images *charts/backend*' 254 'An error occurred (ImageNotFoundException)'
  fails 'cosign verify *' 1 'no signatures found'
  passes report-release --version 1.0.0
  answer 'cosign verify *' ''
  passes report-release --version 1.0.0
  [ "$(grep -v 'run the failed jobs again' "$GITHUB_STEP_SUMMARY")" = "\
- $registry holds backend-cloud-app:1.0.0 as $digest, not signed
- $registry has no charts/backend:1.0.0: nothing of it was pushed
- $registry holds backend-cloud-app:1.0.0 as $digest, signed
- $registry has no charts/backend:1.0.0: nothing of it was pushed" ]
}
