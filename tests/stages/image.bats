#!/usr/bin/env bats
# build-image, ecr-login and push-image.

load helper

registry=123456789012.dkr.ecr.eu-west-1.amazonaws.com
missing='An error occurred (ImageNotFoundException) when calling the DescribeImages operation'

@test "build-image builds the image of this machine and prints its path" {
  answer 'nix *build*' /nix/store/abc-image.tar
  stage build-image
  succeeds
  says path=/nix/store/abc-image.tar
  calls_are '^nix' 'nix --extra-experimental-features nix-command\ flakes build --no-link --print-out-paths --print-build-logs .#image'
}

@test "build-image --all --rebuild builds the index and all that it is made of twice, and prints its digest" {
  layout_is_built
  answer 'nix *eval*' 'layout program'
  stage build-image --all --rebuild
  succeeds
  says "digest=$digest"
  local build='nix --extra-experimental-features nix-command\ flakes build --no-link --print-out-paths --print-build-logs .#oci-index'
  calls_are '^nix .* build' "$build
$build .#oci-index.chain.layout .#oci-index.chain.program
$build .#oci-index.chain.layout .#oci-index.chain.program --rebuild"
}

@test "build-image --all takes the digest that the index must have" {
  layout_is_built
  stage build-image --all --digest "$digest"
  succeeds
  stage build-image --all --digest sha256:other
  ends_with 1
  says "build-image: built $digest, not sha256:other"
  stage build-image --digest "$digest"
  ends_with 64
}

@test "build-image fails when the second build differs" {
  layout_is_built
  fails 'nix *build*--rebuild' 1 'error: derivation may not be deterministic'
  stage build-image --all --rebuild
  ends_with 1
}

@test "ecr-login hands the token over without showing it" {
  answer 'aws ecr get-login-password *' secret-token
  stage ecr-login
  succeeds
  is_silent_about secret-token
  never_called secret-token
  called "skopeo login --authfile $(printf %q "$HOME/.docker/config.json") --username AWS --password-stdin $registry"
}

@test "ecr-login fails when there is no token" {
  fails 'aws ecr get-login-password *' 255 'AccessDenied'
  stage ecr-login
  ends_with 1
  says "ecr-login: cannot sign in to $registry (above)"
}

@test "push-image pushes the index under the revision of HEAD and prints its digest" {
  layout_is_built
  fails 'aws ecr describe-images *' 254 "$missing"
  next_answer 0 "$digest" ''
  stage push-image
  succeeds
  says "digest=$digest"
  says "tag=$(git rev-parse HEAD)"
  called "skopeo --insecure-policy copy --all --preserve-digests $(printf %q "oci:$layout") docker://$registry/backend-cloud-app:$(git rev-parse HEAD)"
}

@test "push-image takes another tag, name and registry" {
  layout_is_built
  fails 'aws ecr describe-images *' 254 "$missing"
  next_answer 0 "$digest" ''
  IMAGE_NAME=greeter ECR_REGISTRY=registry.example.org stage push-image --tag 1.0.0
  succeeds
  called 'docker://registry.example.org/greeter:1.0.0'
}

@test "push-image of what is there already pushes nothing" {
  layout_is_built
  stage push-image
  succeeds
  says "digest=$digest"
  never_called ' copy --all'
}

@test "push-image never moves a tag" {
  layout_is_built
  answer 'aws ecr describe-images *' sha256:22
  stage push-image
  ends_with 1
  says "push-image: $registry already holds $(git rev-parse HEAD) as sha256:22, this build is $digest"
  never_called ' copy --all'
}

@test "push-image refuses a changed tree" {
  echo >>Cargo.toml
  stage push-image
  ends_with 1
  says 'push-image: the tree has uncommitted changes and the image is named by its commit: commit them'
  never_called nix
}

@test "push-image notices when the registry stored something else" {
  layout_is_built
  fails 'aws ecr describe-images *' 254 "$missing"
  next_answer 0 sha256:22 ''
  stage push-image
  ends_with 1
  says "as 'sha256:22' after the push of $digest"
}

@test "push-image gives a workflow its results as outputs" {
  layout_is_built
  GITHUB_OUTPUT=$BATS_TEST_TMPDIR/github stage push-image
  succeeds
  [ "$(<"$BATS_TEST_TMPDIR/github")" = "repository=$registry/backend-cloud-app
tag=$(git rev-parse HEAD)
digest=$digest" ]
}
