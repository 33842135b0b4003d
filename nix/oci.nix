# Shell functions that write an OCI image layout (image-layout.md of the OCI image specification) to $out. Every file is
# named by its digest, so the digest of an image is known before anything is pushed.
''
  mkdir -p "$out/blobs/sha256"
  printf '{"imageLayoutVersion":"1.0.0"}' > "$out/oci-layout"

  # digest FILE
  digest() {
    printf 'sha256:%s' "$(sha256sum "$1" | cut -d ' ' -f 1)"
  }

  # blob FILE MEDIA_TYPE: adds the file to the layout and prints its descriptor.
  blob() {
    local digest
    digest=$(digest "$1")
    cp "$1" "$out/blobs/sha256/''${digest#sha256:}"
    jq --null-input --compact-output '$ARGS.named' \
      --arg mediaType "$2" --arg digest "$digest" --argjson size "$(stat --format %s "$1")"
  }

  # index DESCRIPTOR...: prints an image index.
  index() {
    jq --null-input --compact-output '{
      schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: $ARGS.positional
    }' --jsonargs "$@"
  }
''
