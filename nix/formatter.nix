# `nix fmt`: one formatter a language. The style of shell is in .editorconfig, that of Rust in rustfmt.toml and Cargo.toml.
{ pkgs }:

pkgs.treefmt.withConfig {
  name = "format";
  runtimeInputs = [
    pkgs.nixfmt
    pkgs.rustfmt
    pkgs.shfmt
    pkgs.terraform
  ];
  settings = {
    on-unmatched = "info";
    formatter = {
      nix = {
        command = "nixfmt";
        includes = [ "*.nix" ];
      };
      rust = {
        command = "rustfmt";
        options = [
          "--edition"
          "2024"
        ];
        includes = [ "*.rs" ];
      };
      shell = {
        command = "shfmt";
        options = [ "--write" ];
        includes = [
          "*.bash"
          "*.bats"
          "*.sh"
          # Without an extension. A test holds this list to all files of bash.
          ".ci/lint"
          ".ci/run"
          ".envrc"
          "bench/run"
          "docs/draw"
          "tests/**/check"
          "tests/**/ci"
          "tests/**/run"
          "tests/**/cluster"
          "tests/dynamodb-local/install"
          "tests/rehearsal/bin/*"
          "tests/rehearsal/controller"
          "tests/stages/act/bin/node"
          "tests/stages/act/bin/sudo"
          "tests/stages/stand-in"
        ];
      };
      terraform = {
        command = "terraform";
        options = [ "fmt" ];
        includes = [
          "*.tf"
          "*.tfvars"
          "*.tftest.hcl"
        ];
      };
    };
  };
}
