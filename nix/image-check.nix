# Reads the archive as a registry would and holds the image to its promises, which are written here a second time on purpose.
{
  lib,
  stdenv,
  runCommand,
  binutils-unwrapped,
  jq,
  image,
  release,
}:

let
  promised = {
    inherit (image.config) architecture;
    inherit (release) created;
    os = "linux";
    config = {
      User = "65532:65532";
      Entrypoint = [ "/bin/backend-cloud-app" ];
      ExposedPorts."8888/tcp" = { };
      Env = [
        "DATA_DIR=/data"
        "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"
      ]
      ++ lib.optional (release.revision != "unknown") "REVISION=${release.revision}";
      Volumes."/data" = { };
      WorkingDir = "/";
      Labels = {
        "org.opencontainers.image.created" = release.created;
        "org.opencontainers.image.description" =
          image.config.config.Labels."org.opencontainers.image.description";
        "org.opencontainers.image.licenses" = "Apache-2.0";
        "org.opencontainers.image.revision" = release.revision;
        "org.opencontainers.image.source" = release.source;
        "org.opencontainers.image.title" = "backend-cloud-app";
        "org.opencontainers.image.version" = release.version;
      };
    };
  };
in
runCommand "check-image"
  {
    nativeBuildInputs = [
      binutils-unwrapped
      jq
    ];
    promised = builtins.toJSON promised;
    # No shell, no libc, no store: this is the whole of it.
    content = ''
      drwxr-xr-x 0/0 bin/
      -rwxr-xr-x 0/0 bin/backend-cloud-app
      drwxr-xr-x 0/0 etc/
      drwxr-xr-x 0/0 etc/ssl/
      drwxr-xr-x 0/0 etc/ssl/certs/
      -rw-r--r-- 0/0 etc/ssl/certs/ca-certificates.crt
      drwxr-xr-x 65532/65532 data/
    '';
    passAsFile = [
      "promised"
      "content"
    ];
  }
  ''
    fail() {
      echo "image: $*" >&2
      exit 1
    }

    # blob DIGEST: the file of the layout that has this digest.
    blob() {
      printf 'blobs/sha256/%s' "''${1#sha256:}"
    }

    mkdir image root
    tar --extract --file ${image} --directory image
    cd image

    for file in blobs/sha256/*; do
      echo "$(basename "$file")  $file" | sha256sum --check --quiet || fail "$file is not what its name says"
    done

    manifest=$(blob "$(jq --raw-output '.manifests[] | .digest' index.json)")
    config=$(blob "$(jq --raw-output '.config.digest' "$manifest")")
    layer=$(blob "$(jq --raw-output '.layers[] | .digest' "$manifest")")

    diff <(jq --sort-keys . "$promisedPath") <(jq --sort-keys 'del(.rootfs)' "$config") \
      || fail "the configuration is not what is promised (<)"

    diff "$contentPath" <(tar --list --verbose --numeric-owner --file "$layer" \
      | sed -E 's/^([^ ]+) ([^ ]+) .* ([^ ]+)$/\1 \2 \3/') || fail "the content is not what is promised (<)"

    size=$(stat --format %s "$layer")
    [ "$size" -le $((10 * 1024 * 1024)) ] || fail "the compressed layer has $size bytes, more than 10 MiB"

    tar --extract --file "$layer" --directory ../root
    binary=../root/bin/backend-cloud-app

    elf=$(readelf --wide --program-headers --dynamic "$binary")
    case $elf in
      *INTERP* | *NEEDED*) fail "the binary is not static: $elf" ;;
    esac
    ${lib.optionalString stdenv.hostPlatform.isLinux ''
      env --ignore-environment "$binary" --version || fail "the binary does not run by itself"
    ''}

    echo "image: $size bytes compressed, $(stat --format %s "$binary") bytes of binary" | tee "$out"
  ''
