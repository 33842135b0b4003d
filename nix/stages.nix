# Turns each row of apps.nix into a program: the same script that a laptop runs without Nix, with its tools pinned. Scripts
# work in the checkout they are called from; the folder is in the store whole, because they share code.
{ pkgs, service }:

let
  inherit (pkgs) lib;

  stage =
    name:
    {
      script,
      description,
      args ? [ ],
      tools ? [ ],
    }:
    pkgs.writeShellApplication {
      inherit name;
      runtimeInputs = [
        pkgs.bash
        pkgs.coreutils
        pkgs.diffutils
        pkgs.findutils
        pkgs.gawk
        pkgs.git
        pkgs.gnugrep
        pkgs.gnused
        pkgs.jq
      ]
      ++ tools;
      # Messages name other stages as the reader runs them.
      text = ''
        export STAGES=nix
        exec bash ${./apps}/${lib.escapeShellArgs ([ script ] ++ args)} "$@"
      '';
      meta = { inherit description; };
    };
in
lib.mapAttrs stage (import ./apps.nix { inherit pkgs service; })
