# The service. Called with the packages of this system it is the program for a laptop; called with those of a static cross
# system (images.nix) it is the one program in the image.
{
  lib,
  stdenv,
  pkgsBuildBuild,
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
    # Cargo would leave a file of what rustc says of itself, in an order that differs at each build.
    CARGO_CACHE_RUSTC_INFO = "0";
    # crane gives build scripts a linker by its path and no more; on a Mac it also needs to find libiconv. Not in
    # nativeBuildInputs: a static host's -static would reach it there.
    depsBuildBuild = lib.optionals stdenv.buildPlatform.isDarwin [
      pkgsBuildBuild.stdenv.cc
      pkgsBuildBuild.libiconv
    ];
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

    # A static program looks for no libraries. The path that stdenv would write into it is a reference to itself, which
    # an image must not hold.
    NIX_NO_SELF_RPATH = stdenv.hostPlatform.isStatic;

    # The tests are a check of their own, with a DynamoDB: who only wants to run the service does not wait for them.
    doCheck = false;

    passthru = { inherit cargoArtifacts craneLib commonArgs; };

    meta = {
      inherit (manifest) description;
      homepage = manifest.repository;
      license = lib.licenses.asl20;
      mainProgram = manifest.name;
    };
  }
)
