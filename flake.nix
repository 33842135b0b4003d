{
  description = "Birthday greetings: a Rust service, its image, its chart, its infrastructure and the commands that deploy them";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    # Newer than v0.23.4, which mixes up two C compilers on PATH when it cross-compiles.
    crane.url = "github:ipetkov/crane";
  };

  outputs =
    {
      self,
      nixpkgs,
      crane,
    }:
    let
      inherit (nixpkgs) lib;

      systems = [
        "aarch64-darwin"
        "aarch64-linux"
        "x86_64-linux"
      ];

      # Unfree software is let in by name: one that nobody meant to use stops the evaluation.
      config.allowUnfreePredicate =
        package:
        builtins.elem (lib.getName package) [
          "dynamodb-local"
          "terraform"
        ];

      packagesOf = lib.genAttrs systems (system: import nixpkgs { inherit system config; });
      eachSystem = f: lib.genAttrs systems (system: f packagesOf.${system});

      sources = import ./nix/sources.nix { inherit lib; };
      release = import ./nix/release.nix { inherit lib self; };

      service =
        pkgs:
        pkgs.callPackage ./nix/package.nix {
          inherit (sources) rust;
          craneLib = crane.mkLib pkgs;
        };

      images =
        pkgs:
        import ./nix/images.nix {
          inherit
            nixpkgs
            pkgs
            release
            service
            ;
        };
      stages =
        pkgs:
        import ./nix/stages.nix {
          inherit pkgs;
          service = service pkgs;
        };
    in
    {
      packages = eachSystem (
        pkgs:
        images pkgs
        // {
          default = service pkgs;
          # All stage commands, with what they call: CI builds them once for every job. None of them needs dev.
          stages = pkgs.linkFarm "stages" (removeAttrs (stages pkgs) [ "dev" ]);
        }
      );

      checks = eachSystem (
        pkgs:
        import ./nix/checks.nix {
          inherit pkgs release sources;
          inherit (self.packages.${pkgs.stdenv.hostPlatform.system}) default image;
        }
      );

      devShells = eachSystem (
        pkgs:
        import ./nix/shells.nix {
          inherit pkgs;
          craneLib = crane.mkLib pkgs;
          stages = lib.attrNames (stages pkgs);
        }
      );

      apps = eachSystem (
        pkgs:
        lib.mapAttrs (_name: program: {
          type = "app";
          program = lib.getExe program;
          meta = { inherit (program.meta) description; };
        }) ({ default = service pkgs; } // stages pkgs)
      );

      formatter = eachSystem (pkgs: import ./nix/formatter.nix { inherit pkgs; });

      overlays.default = final: _prev: { backend-cloud-app = service final; };
    };
}
