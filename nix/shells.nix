# The shells: `default` for people, `ci` for the workflows. Every tool is of the lock, and Rust is the package's.
{
  pkgs,
  craneLib,
  stages,
}:

let
  inherit (pkgs) lib;

  helm = pkgs.kubernetes-helm;

  lint = [
    pkgs.actionlint
    pkgs.cargo-deny
    pkgs.deadnix
    pkgs.kubeconform
    pkgs.nixfmt
    pkgs.shellcheck
    pkgs.statix
    pkgs.tflint
    pkgs.zizmor
  ];

  ship = [
    helm
    pkgs.awscli2
    pkgs.git
    pkgs.jq
    pkgs.kubectl
    pkgs.skopeo
    pkgs.terraform
  ];

  rows = import ./apps.nix {
    inherit pkgs;
    service = null;
  };
  called = lib.concatMap (row: row.tools) (lib.attrValues rows);

  # Rust comes with the shell, by crane, and the service (null here) is no tool.
  ofStages = lib.unique (lib.subtractLists [ pkgs.cargo pkgs.rustc null ] called);

  # From the evaluation: asking each tool would cost a second at every start.
  versions = lib.concatMapStringsSep ", " (tool: "${lib.getName tool} ${lib.getVersion tool}") [
    pkgs.rustc
    pkgs.terraform
    helm
    pkgs.kubectl
    pkgs.awscli2
  ];
in
{
  default = craneLib.devShell {
    packages =
      lint
      ++ ship
      ++ ofStages
      # What people call besides.
      ++ [
        pkgs.graphviz
        pkgs.helm-docs
        pkgs.k9s
        pkgs.kubectx
        pkgs.openssl
        pkgs.rust-analyzer
        pkgs.wrk
      ];

    # rust-analyzer reads the standard library's source here.
    RUST_SRC_PATH = "${pkgs.rustPlatform.rustLibSrc}";

    shellHook = ''
      echo ${lib.escapeShellArg versions}
      echo ${lib.escapeShellArg "nix run .#<stage>: ${lib.concatStringsSep " " stages}"} | fold -s -w 120
    '';
  };

  ci = craneLib.devShell { packages = lint ++ ship; };
}
