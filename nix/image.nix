# One image: the static binary, the CA bundle, an empty /data, and nothing else. It is an archive for `docker load` and
# `podman load`; its `layout` is the same image as an OCI layout.
#
# Not dockerTools: one layer of three entries needs neither its layering nor fakeroot (which macOS breaks now and then), and
# what is written here is what is pushed, byte for byte, so the digest holds from the build to the cluster.
{
  lib,
  runCommand,
  cacert,
  jq,
  package,
  architecture,
  release,
}:

let
  inherit (package.meta) mainProgram;
  reference = "${mainProgram}:${release.version}";

  # A build that leaves a path of the Nix store in the binary fails: it would drag libraries into the image, or break
  # without them.
  root = runCommand "image-root-${architecture}" { allowedReferences = [ ]; } ''
    install -D -m 755 ${lib.getExe package} $out/bin/${mainProgram}
    install -D -m 644 ${cacert}/etc/ssl/certs/ca-bundle.crt $out/etc/ssl/certs/ca-certificates.crt
    mkdir $out/data
  '';

  config = {
    inherit architecture;
    inherit (release) created;
    os = "linux";
    config = {
      # Numbers: Kubernetes cannot tell whether a name is root.
      User = "65532:65532";
      Entrypoint = [ "/bin/${mainProgram}" ];
      ExposedPorts."8888/tcp" = { };
      Env = [
        "DATA_DIR=/data"
        "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"
      ]
      # Not compiled in: a new commit with the same binary pushes no new layer.
      ++ lib.optional (release.revision != "unknown") "REVISION=${release.revision}";
      # Writable by the user above even when the rest is read-only, so a plain `docker run` serves.
      Volumes."/data" = { };
      WorkingDir = "/";
      Labels = {
        "org.opencontainers.image.created" = release.created;
        "org.opencontainers.image.description" = package.meta.description;
        "org.opencontainers.image.licenses" = package.meta.license.spdxId;
        "org.opencontainers.image.revision" = release.revision;
        "org.opencontainers.image.source" = release.source;
        "org.opencontainers.image.title" = mainProgram;
        "org.opencontainers.image.version" = release.version;
      };
    };
  };

  layout =
    runCommand "image-layout-${architecture}"
      {
        nativeBuildInputs = [ jq ];
        config = builtins.toJSON config;
        passAsFile = [ "config" ];
      }
      ''
        ${import ./oci.nix}

        # The layer has the same bytes whoever builds it and whenever: names sorted, owners and times fixed. The times do
        # not follow the commit, so a new commit with the same binary pushes no new layer.
        tar=(tar --directory ${root} --file layer.tar --format gnu --sort name --mtime @0 --numeric-owner)
        "''${tar[@]}" --create --mode u+w --owner 0 --group 0 bin etc
        "''${tar[@]}" --append --mode 0755 --owner 65532 --group 65532 data
        diff_id=$(digest layer.tar)
        gzip --no-name --best layer.tar

        jq --compact-output --arg diff_id "$diff_id" '.rootfs = { type: "layers", diff_ids: [ $diff_id ] }' \
          "$configPath" > config.json

        jq --null-input --compact-output '{
          schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: $config, layers: [ $layer ]
        }' \
          --argjson config "$(blob config.json application/vnd.oci.image.config.v1+json)" \
          --argjson layer "$(blob layer.tar.gz application/vnd.oci.image.layer.v1.tar+gzip)" > manifest.json

        descriptor=$(blob manifest.json application/vnd.oci.image.manifest.v1+json)
        index "$(jq --compact-output '.platform = { architecture: "${architecture}", os: "linux" }' <<< "$descriptor")" \
          > "$out/index.json"
      '';
in
runCommand "${mainProgram}-${release.version}-${architecture}.tar"
  {
    nativeBuildInputs = [ jq ];
    passthru = {
      inherit
        config
        layout
        reference
        package
        ;
      # All that is built here, since Nix's --rebuild repeats only what it is given.
      chain = {
        dependencies = package.cargoArtifacts;
        program = package;
        inherit root layout;
      };
    };
  }
  ''
    cp --recursive --no-preserve mode ${layout} image
    cd image

    # containerd and Docker's containerd store read the name here,
    jq --compact-output --arg name docker.io/library/${reference} --arg tag ${release.version} '.manifests[0].annotations = {
      "io.containerd.image.name": $name, "org.opencontainers.image.ref.name": $tag
    }' ${layout}/index.json > index.json

    # and Docker's older store and Podman here.
    manifest=blobs/sha256/$(jq --raw-output '.manifests[0].digest | ltrimstr("sha256:")' index.json)
    jq --compact-output --arg name ${reference} 'def path: "blobs/sha256/" + (.digest | ltrimstr("sha256:"));
      [ { Config: (.config | path), RepoTags: [ $name ], Layers: (.layers | map(path)) } ]
    ' "$manifest" > manifest.json

    tar --create --file $out --format gnu --sort name --mtime @0 --numeric-owner --owner 0 --group 0 -- *
  ''
