# The images of every Linux architecture, built from any system by cross-compiling, and the index that joins them.
#
# What a host has to compile besides the service, when the binary cache has all that it can have:
#   Linux, its own architecture    Rust's standard library for musl; the C toolchain is in the cache (pkgsStatic.stdenv)
#   Linux, the other architecture  that and binutils, musl and gcc for the target, once for each nixpkgs
#   macOS                          the same, for both architectures; or nothing, when a Linux builder is configured and
#                                  asked for its own: nix build .#packages.aarch64-linux.image
# rustc itself comes from the cache everywhere: nixpkgs builds only the standard library for a new target. A prebuilt C
# compiler (zig, or clang with musl's headers) would not spare the gcc: nixpkgs compiles the standard library with it, and
# the library that the Rust project ships is refused by every rustc but its own. That way leads to a third flake input, and
# to an image made by a toolchain that no check has run.
{
  nixpkgs,
  pkgs,
  release,
  service,
}:

let
  inherit (pkgs) lib;
  inherit (pkgs.stdenv) hostPlatform;

  image =
    cpu:
    let
      static = import nixpkgs {
        localSystem = { inherit (hostPlatform) system; };
        crossSystem = {
          config = "${cpu}-unknown-linux-musl";
          isStatic = true;
        };
      };
    in
    pkgs.callPackage ./image.nix {
      inherit release;
      package = service static;
      # The OCI specification uses Go's names of architectures.
      architecture = static.stdenv.hostPlatform.go.GOARCH;
    };

  images = lib.genAttrs [ "aarch64" "x86_64" ] image;
in
{
  # macOS runs containers in a Linux machine of its own architecture.
  image = images.${hostPlatform.parsed.cpu.name};

  image-aarch64-linux = images.aarch64;
  image-x86_64-linux = images.x86_64;

  # Compilers of different hosts give different bytes. The digest that counts, the one that is pushed and deployed, is
  # that of x86_64-linux, where the workflows build.
  oci-index = pkgs.callPackage ./oci-index.nix { inherit images release; };
}
