# The service. Called with the packages of this system it is the program for a laptop; called with those of a static cross
# system (images.nix) it is the one program in the image.
{
  lib,
  stdenv,
  craneLib,
  rust,
}:

let
  manifest = (lib.importTOML ../Cargo.toml).package;

  commonArgs = {
    pname = manifest.name;
    inherit (manifest) version;
    src = rust;
    strictDeps = true;
  }
  // lib.optionalAttrs stdenv.hostPlatform.isStatic {
    env.CARGO_BUILD_RUSTFLAGS = "-C target-feature=+crt-static";
  };

  # Only what a build needs: crane would also run `cargo check` and compile the test dependencies.
  cargoArtifacts = craneLib.buildDepsOnly (
    commonArgs
    // {
      doCheck = false;
      buildPhaseCargoCommand = "cargoWithProfile build --locked";
    }
  );
in
craneLib.buildPackage (
  commonArgs
  // {
    inherit cargoArtifacts;

    # The tests are a check of their own, with a DynamoDB: who only wants to run the service does not wait for them.
    doCheck = false;

    passthru = { inherit craneLib commonArgs; };

    meta = {
      inherit (manifest) description;
      homepage = manifest.repository;
      license = lib.licenses.asl20;
      mainProgram = manifest.name;
    };
  }
)
