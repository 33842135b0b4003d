# The image of a program that names a path of the store, as one does that is not static or was not stripped of its paths.
let
  pkgs = import ./stand-in/nixpkgs { system = "x86_64-linux"; };
in
pkgs.callPackage ../../nix/image.nix {
  architecture = "amd64";
  release = {
    version = "1.0.0";
    source = "here";
    revision = "unknown";
    created = "1970-01-01T00:00:00Z";
  };
  package = pkgs.standIn.make {
    name = "leak";
    recipe = "mkdir -p $out/bin; echo ${pkgs.jq} > $out/bin/leak";
    meta = {
      mainProgram = "leak";
      description = "Names a path of the store";
      license.spdxId = "Apache-2.0";
    };
  };
}
