# The flake's outputs, evaluated with stand-ins for its inputs. Without the flakes feature: Nix would fetch the real ones.
{
  self ? {
    rev = "0123456789abcdef0123456789abcdef01234567";
    lastModifiedDate = "20260102030405";
  },
  impure ? false,
}:

let
  flake = import ../../flake.nix;

  inputs = {
    nixpkgs = {
      outPath = ./stand-in/nixpkgs;
      lib = import ./stand-in/nixpkgs/lib.nix;
    };
    crane = import ./stand-in/crane.nix { inherit impure; };
  };

  outputs = flake.outputs (inputs // { self = self // outputs; });
in
outputs
