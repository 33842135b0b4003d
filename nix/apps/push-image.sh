#!/usr/bin/env bash
# Builds the image's index and pushes it, by digest, under the revision that it was built from.
set -euo pipefail
# shellcheck source=nix/apps/lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

usage() {
  cat <<EOF
usage: $stage [--env dev|staging|prod] [--tag TAG] [--layout FOLDER] [--dry-run]

Builds the images of all architectures as one index, pushes it to the account's registry and prints its tag and digest. A tag
is never moved: pushing what is already there does nothing, pushing something else under a used tag fails.

  --env NAME  dev, staging or prod (ENV, dev): the account's credentials decide, as everywhere
  --tag TAG   the tag (the revision of HEAD)
  --layout F  push this one, which build-image --all made, instead of building it
  --dry-run   show the commands, run none
EOF
}

options "env= tag= layout=" "$@"
case ${layout:-/} in /*) ;; *) layout=$PWD/$layout ;; esac
enter_checkout
settings
need jq aws skopeo git
[ -n "${layout:-}" ] || need nix
is_clean || [ -n "$dry_run" ] || die "the tree has uncommitted changes and the image is named by its commit: commit them"
find_account
tag=${tag:-$(revision)}
layout=${layout:-$(build oci-index)}
[ -e "$layout/index.json" ] || [ -n "$dry_run" ] || die "$layout is no image: it has no index.json"
digest=$(index_digest "$layout")
there=$(registry_digest "$tag")
case $there in
  "$digest") say "$registry/$image_name:$tag is already there" ;;
  "")
    ecr_login
    # The policy is about images from elsewhere, and hosts without podman have none: this one was built here, and its digest
    # is checked below.
    run skopeo --insecure-policy copy --all --preserve-digests "oci:$layout" "docker://$registry/$image_name:$tag"
    pushed=$(registry_digest "$tag")
    [ -n "$dry_run" ] || [ "$pushed" = "$digest" ] || die "$registry holds $tag as '$pushed' after the push of $digest: delete that image and push again"
    ;;
  *)
    die "$registry already holds $tag as $there, this build is $digest: deploy that one" \
      "($(stage_command "deploy-$env" --from aws)), or commit and push again"
    ;;
esac
report repository "$registry/$image_name"
report tag "$tag"
report digest "$digest"
