# Stands in for nixpkgs: the same shape, and of every package only a name. An attribute that is not here does not exist, so
# a flake that uses another one fails to evaluate; add it here once it is known to be in the pinned nixpkgs.
#
# What is built with it runs the tools of PATH, without a sandbox: enough to really build the image.
{
  system ? localSystem.system,
  localSystem ? { inherit system; },
  crossSystem ? null,
  config ? { },
}:

let
  lib = import ./lib.nix;

  cpu = name: builtins.head (builtins.split "-" name);

  hostPlatform =
    let
      name = if crossSystem == null then system else crossSystem.config;
    in
    {
      system = if crossSystem == null then system else "${cpu name}-linux";
      isStatic = crossSystem != null && crossSystem.isStatic;
      isLinux = crossSystem != null || builtins.match ".*-linux" system != null;
      parsed.cpu.name = cpu name;
      go.GOARCH = if cpu name == "aarch64" then "arm64" else "amd64";
    };

  # As mkDerivation does it: `meta` and `passthru` are seen by Nix only. `arguments` and `nixpkgs` are for assertions.
  make =
    arguments:
    let
      seen = removeAttrs arguments [
        "env"
        "meta"
        "passthru"
      ];
      flat = _: value: if builtins.isList value then map toString value else value;
    in
    derivation (
      {
        inherit system;
        builder = "/bin/bash";
        # Nix kills a builder that has closed its output, and might catch it before it has ended: something else holds the
        # output open for a moment longer.
        args = [
          "-c"
          "set -eu -o pipefail; eval \"$recipe\"; sleep 0.2 &"
        ];
        PATH = builtins.getEnv "PATH";
      }
      // lib.mapAttrs flat seen
      // (arguments.env or { })
    )
    // (arguments.passthru or { })
    // {
      inherit arguments;
      meta = { } // arguments.meta or { };
      nixpkgs = { inherit system crossSystem config; };
    };

  # The linters are as old as CI's.
  linters = lib.importTOML ../../../../.ci/versions.toml;

  # Like nixpkgs, refuses what is not free unless the configuration allows it.
  package =
    licence: pname:
    let
      found = make {
        name = "${pname}-1.2.3";
        recipe = "mkdir -p $out/bin; type -P ${pname} && ln -s $(type -P ${pname}) $out/bin || true";
        passthru = {
          inherit pname;
          version = linters.${pname} or "1.2.3";
        };
      };
    in
    if licence == "free" || config.allowUnfreePredicate { inherit pname; } then
      found
    else
      throw "${pname} is unfree";

  named =
    licence: names:
    lib.genAttrs (builtins.filter builtins.isString (builtins.split "[ \n]+" names)) (package licence);

  packages = named "free" ''
    actionlint awscli2 bash binutils-unwrapped cargo cargo-deny coreutils cosign curl deadnix diffutils dnsutils
    docker-client findutils gawk gh git gnugrep gnused gnutar grafana graphviz helm-docs jq k9s kubeconform kubectl
    kubectx kubernetes-helm minikube nixfmt openssl process-compose prometheus rust-analyzer rustc rustfmt shellcheck
    shfmt skopeo statix strace tflint util-linux wrk zizmor
  '';
  unfree = named "unfree" "dynamodb-local terraform vault";
  providers = named "free" "hashicorp_aws hashicorp_helm hashicorp_kubernetes";

  callPackage =
    file: arguments:
    let
      recipe = import file;
    in
    recipe (builtins.intersectAttrs (builtins.functionArgs recipe) (pkgs // arguments) // arguments);

  pkgs =
    packages
    // unfree
    // {
      inherit lib callPackage;
      stdenv = {
        inherit hostPlatform;
        buildPlatform.isDarwin = builtins.match ".*-darwin" system != null;
      };
      pkgsBuildBuild = {
        stdenv.cc = package "free" "clang-wrapper";
        libiconv = package "free" "libiconv";
      };
      standIn = { inherit make; };

      # What is selected has to be there.
      python3.withPackages =
        select: builtins.seq (toString (select (named "free" "pytest pyyaml"))) (package "free" "python3");
      terraform = unfree.terraform // {
        withPlugins = select: builtins.seq (toString (select providers)) unfree.terraform;
      };

      rustPlatform.rustLibSrc = package "free" "rust-lib-src";

      cacert = make {
        name = "cacert";
        recipe = "mkdir -p $out/etc/ssl/certs; echo 'a certificate' > $out/etc/ssl/certs/ca-bundle.crt";
      };

      linkFarm =
        name: links:
        make {
          inherit name;
          links = map toString (lib.attrValues links);
          recipe = "mkdir $out; ln -s $links $out";
        };

      treefmt.withConfig =
        arguments:
        make {
          inherit (arguments) name;
          recipe = "mkdir $out";
          passthru = { inherit (arguments) settings; };
        };

      runCommand =
        name: attributes: script:
        make (
          attributes
          // {
            inherit name;
            recipe = script;
          }
        );

      writeText =
        name: text:
        make {
          inherit name text;
          recipe = "printf %s \"$text\" > $out";
        };

      writeShellApplication =
        arguments:
        make (
          arguments
          // {
            recipe = ''
              mkdir -p $out/bin
              printf '#!/bin/bash\n%s' "$text" > $out/bin/$name
              chmod +x $out/bin/$name
            '';
            meta = arguments.meta // {
              mainProgram = arguments.name;
            };
          }
        );
    };
in
pkgs
