# The images of all architectures as one OCI layout, to be pushed whole:
#   skopeo copy --all oci:$(nix build --no-link --print-out-paths .#oci-index) docker://<repository>:<tag>
# index.json names one nested index, because skopeo takes a layout of several images only so. The nested index is what the
# registry stores under the tag: .manifests[0].digest of index.json is the digest that deploys are pinned to.
{
  lib,
  runCommand,
  jq,
  images,
  release,
}:

runCommand "oci-index-${release.version}"
  {
    nativeBuildInputs = [ jq ];
    passthru.chain = lib.concatMapAttrs (
      cpu: image: lib.mapAttrs' (part: built: lib.nameValuePair "${cpu}-${part}" built) image.chain
    ) images;
  }
  ''
    ${import ./oci.nix}

    layouts=(${lib.concatMapStringsSep " " (image: image.layout) (lib.attrValues images)})
    for layout in "''${layouts[@]}"; do
      cp --force "$layout"/blobs/sha256/* "$out/blobs/sha256"
    done

    mapfile -t images < <(jq --compact-output '.manifests[]' "''${layouts[@]/%//index.json}")
    index "''${images[@]}" > nested.json
    index "$(blob nested.json application/vnd.oci.image.index.v1+json)" > "$out/index.json"
  ''
