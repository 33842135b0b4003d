# The flake's outputs, evaluated with stand-ins for its inputs. Without the flakes feature: Nix would fetch the real ones.
{
  self ? {
    rev = "0123456789abcdef0123456789abcdef01234567";
    lastModifiedDate = "20260102030405";
  },
  # What the program of the image holds, for the shell that builds it.
  built ? "stand-in",
}:

let
  flake = import ../../flake.nix;

  inputs = {
    nixpkgs = {
      outPath = ./stand-in/nixpkgs;
      lib = import ./stand-in/nixpkgs/lib.nix;
    };
    crane = import ./stand-in/crane.nix { inherit built; };
  };

  outputs = flake.outputs (inputs // { self = self // outputs; });
in
outputs
