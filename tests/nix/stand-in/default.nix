# Stands in for nixpkgs and crane: enough to really build the images, with the tools of PATH and without a sandbox, of a program of a
# few bytes. That the flake evaluates, and that the service builds, it cannot show: `nix flake check` does, on three systems.
{
  self ? {
    rev = "0123456789abcdef0123456789abcdef01234567";
    lastModifiedDate = "20260102030405";
  },
  # What the program says, for the shell that builds it.
  built ? "stand-in",
}:

let
  lib = import ./lib.nix;
  release = import ../../../nix/release.nix { inherit lib self; };

  # As mkDerivation does it: `passthru` is seen by Nix only.
  runCommand =
    name: attributes: script:
    derivation (
      removeAttrs attributes [ "passthru" ]
      // {
        inherit name script;
        system = "x86_64-linux";
        builder = "/bin/bash";
        # Nix kills a builder that has closed its output, and might catch it before it has ended: something else holds the
        # output open for a moment longer.
        args = [
          "-c"
          "set -eu -o pipefail; eval \"$script\"; sleep 0.2 &"
        ];
        PATH = builtins.getEnv "PATH";
      }
    )
    // attributes.passthru or { };

  tool = runCommand "tool" { } "mkdir $out";
  cacert = runCommand "cacert" { } ''
    mkdir -p $out/etc/ssl/certs
    echo 'a certificate' > $out/etc/ssl/certs/ca-bundle.crt
  '';

  package =
    runCommand "backend-cloud-app-1.0.0" { } ''
      mkdir -p $out/bin
      cc -static -s -x c -D BUILT="\"${built}\"" -o $out/bin/backend-cloud-app - <<< '
        #include <stdio.h>
        int main(void) { return puts(BUILT) < 0; }'
    ''
    // {
      cargoArtifacts = runCommand "dependencies" { } "mkdir $out";
      meta = {
        mainProgram = "backend-cloud-app";
        description = "A service";
        license.spdxId = "Apache-2.0";
      };
    };

  known = {
    inherit
      lib
      runCommand
      cacert
      package
      release
      ;
    binutils-unwrapped = tool;
    jq = tool;
    stdenv.hostPlatform.isLinux = true;
  };

  # As callPackage does it.
  call =
    recipe: others:
    import recipe (builtins.intersectAttrs (builtins.functionArgs (import recipe)) known // others);

  image = architecture: call ../../../nix/image.nix { inherit architecture; };
in
rec {
  image-aarch64 = image "arm64";
  image-x86_64 = image "amd64";

  index = call ../../../nix/oci-index.nix {
    images = {
      aarch64 = image-aarch64;
      x86_64 = image-x86_64;
    };
  };

  check = call ../../../nix/image-check.nix { image = image-x86_64; };
}
