# Which files each recipe depends on: a change to any other file rebuilds nothing.
{ lib }:

let
  inherit (lib.fileset) fileFilter unions;

  root = ../.;
  toSource = fileset: lib.fileset.toSource { inherit root fileset; };
  named = extension: folder: fileFilter (file: file.hasExt extension) folder;
in
{
  # Everything that cargo and the Rust tests read. The manifest names the tests, so they belong to the package too.
  rust = toSource (unions [
    ../Cargo.toml
    ../Cargo.lock
    ../clippy.toml
    ../deny.toml
    ../openapi.json
    ../rustfmt.toml
    ../src
    ../examples
    (named "rs" ../tests)
  ]);

  nix = toSource (unions [
    ../.ci/lint
    (named "nix" root)
  ]);

  # Bash without an extension is known by its first line, which .ci/lint reads.
  shell = toSource (
    unions (
      [ ../.envrc ]
      ++
        map
          (fileFilter (
            file:
            builtins.match "[^.]+" file.name != null
            || builtins.any file.hasExt [
              "bash"
              "bats"
              "sh"
            ]
          ))
          [
            ../.ci
            ../bench
            ../docs
            ../nix
            ../tests
          ]
    )
  );

  chart = toSource (unions [
    ../Cargo.toml
    ../helm
    ../tests/helm
    ../terraform/kubernetes/tests/backend_values.json
  ]);

  terraform = toSource (unions [
    ../Cargo.toml
    ../.ci/lib.sh
    ../.ci/lint
    ../helm
    ../terraform
    ../tests/terraform
  ]);

  workflows = toSource (unions [
    ../.ci/lint
    ../.github
  ]);
}
