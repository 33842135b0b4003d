#!/usr/bin/env bash
# Builds the image's index and pushes it, by digest, under the revision that it was built from.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
stage=push-image
# shellcheck source=nix/apps/lib.sh
. "$here/lib.sh"

usage() {
  cat <<EOF
usage: $stage [--env dev|staging|prod] [--tag TAG] [--dry-run]

Builds the images of all architectures as one index, pushes it to the account's registry and prints its tag and digest. A tag
is never moved: pushing what is already there does nothing, pushing something else under a used tag fails.

  --env NAME  dev, staging or prod (ENV, dev): the account's credentials decide, as everywhere
  --tag TAG   the tag (the revision of HEAD)
  --dry-run   show the commands, run none
EOF
}

options "env= tag=" "$@"
enter_checkout
settings
need nix jq aws skopeo git
is_clean || [ -n "$dry_run" ] || die "the tree has uncommitted changes and the image is named by its commit: commit them"
find_account
tag=${tag:-$(revision)}
layout=$(build oci-index)
digest=$(index_digest "$layout")
there=$(if [ -z "$dry_run" ]; then registry_digest "$tag"; fi)
case $there in
  "$digest") say "$registry/$image_name:$tag is already there" ;;
  "")
    ecr_login
    # The policy is about images from elsewhere, and hosts without podman have none: this one was built here, and its digest
    # is checked below.
    run skopeo --insecure-policy copy --all --preserve-digests "oci:$layout" "docker://$registry/$image_name:$tag"
    pushed=$(ask "$digest" registry_digest "$tag")
    [ "$pushed" = "$digest" ] || die "$registry holds $tag as '$pushed' after the push of $digest: delete that image and push again"
    ;;
  *)
    die "$registry already holds $tag as $there, this build is $digest: deploy that one (deploy-$env --from aws), or commit and push again"
    ;;
esac
report repository "$registry/$image_name"
report tag "$tag"
report digest "$digest"
