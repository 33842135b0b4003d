#!/usr/bin/env bats
# build-image, ecr-login and push-image.

load helper

registry=$account.dkr.ecr.eu-west-1.amazonaws.com
missing='An error occurred (ImageNotFoundException) when calling the DescribeImages operation'

@test "build-image builds the image of this machine and prints its path" {
  answer 'nix *build*' /nix/store/abc-image.tar
  passes build-image
  says path=/nix/store/abc-image.tar
  called 'build --no-link --print-out-paths --print-build-logs .#image'
}

@test "build-image --all --rebuild builds the index and all that it is made of twice, prints its digest, and fails where it is another" {
  layout_is_built
  answer 'nix *eval*' 'layout program'
  passes build-image --all --rebuild --digest "$digest"
  says "digest=$digest"
  local build='nix --extra-experimental-features nix-command\ flakes build --no-link --print-out-paths --print-build-logs .#oci-index'
  calls_are '^nix .* build' "$build
$build .#oci-index.chain.layout .#oci-index.chain.program
$build .#oci-index.chain.layout .#oci-index.chain.program --rebuild"
  refuses "build-image: built $digest, not sha256:other" build-image --all --digest sha256:other
  fails 'nix *build*--rebuild' 1 'error: derivation may not be deterministic'
  refuses 'error: derivation may not be deterministic' build-image --all --rebuild
}

@test "ecr-login hands the token over without showing it, and fails when there is none" {
  answer 'aws ecr get-login-password *' secret-token
  passes ecr-login
  is_silent_about secret-token
  never_called secret-token
  called "skopeo login --authfile $(printf %q "$HOME/.docker/config.json") --username AWS --password-stdin $registry"
  fails 'aws ecr get-login-password *' 255 'AccessDenied'
  refuses "ecr-login: cannot sign in to $registry (above)" ecr-login
}

@test "push-image pushes the index under the revision of HEAD, prints its digest, also as outputs of a workflow, and pushes nothing twice" {
  layout_is_built
  fails 'aws ecr describe-images *' 254 "$missing"
  next_answer 0 "$digest" ''
  GITHUB_OUTPUT=$BATS_TEST_TMPDIR/github passes push-image
  says "digest=$digest"
  [ "$(<"$BATS_TEST_TMPDIR/github")" = "repository=$registry/backend-cloud-app
tag=$(git rev-parse HEAD)
digest=$digest" ]
  called "skopeo --insecure-policy copy --all --preserve-digests $(printf %q "oci:$layout") docker://$registry/backend-cloud-app:$(git rev-parse HEAD)"
  : >"$CALLS"
  passes push-image
  says "digest=$digest"
  never_called ' copy --all'
}

@test "push-image takes another tag, name and registry" {
  layout_is_built
  answer 'aws ecr describe-images *' '' "$digest"
  IMAGE_NAME=greeter ECR_REGISTRY=registry.example.org passes push-image --tag 1.0.0
  called 'docker://registry.example.org/greeter:1.0.0'
}

@test "push-image never moves a tag, and notices when the registry stored something else" {
  layout_is_built
  answer 'aws ecr describe-images *' sha256:22
  refuses "push-image: $registry already holds $(git rev-parse HEAD) as sha256:22, this build is $digest" push-image
  never_called ' copy --all'
  fails 'aws ecr describe-images *' 254 "$missing"
  next_answer 0 sha256:22 ''
  refuses "as 'sha256:22' after the push of $digest" push-image
}
