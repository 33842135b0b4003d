# What `nix flake check` runs. Each check depends on the files it reads and no others, so an edit repeats only its own.
{
  pkgs,
  default,
  image,
  release,
  sources,
}:

let
  inherit (pkgs) lib;
  inherit (default) craneLib commonArgs;
  inherit (pkgs.stdenv.hostPlatform) isLinux;

  # One build of the dependencies for all checks of Rust. It is of the dev profile: the release profile's link-time
  # optimisation would repeat itself for every test program, and assertions of debug builds are wanted here.
  devArgs = commonArgs // {
    env.CARGO_PROFILE = "dev";
  };
  cargoArgs = devArgs // {
    cargoArtifacts = craneLib.buildDepsOnly devArgs;
    # These are run for their verdict: nothing is built on what they leave behind.
    doInstallCargoArtifacts = false;
  };

  # A check that passes when the script does, in a writable copy of the files.
  check =
    name: files: tools: script:
    pkgs.runCommand "check-${name}" { nativeBuildInputs = tools; } ''
      cp --recursive --no-preserve mode ${files} source
      cd source
      ${script}
      touch $out
    '';
in
{
  package = default;

  clippy = craneLib.cargoClippy (
    cargoArgs // { cargoClippyExtraArgs = "--all-targets -- --deny warnings"; }
  );

  doc = craneLib.cargoDoc (
    cargoArgs
    // {
      cargoDocExtraArgs = "--no-deps --document-private-items";
      env = cargoArgs.env // {
        RUSTDOCFLAGS = "--deny warnings";
      };
    }
  );

  fmt = craneLib.cargoFmt { inherit (commonArgs) pname version src; };

  # Every test, those against DynamoDB and in a mount namespace too: where these are missing they fail.
  tests = craneLib.cargoTest (
    cargoArgs
    // {
      nativeCheckInputs = [
        pkgs.dynamodb-local
      ]
      ++ lib.optionals isLinux [
        pkgs.strace
        pkgs.util-linux
      ];
      # It listens on port 53, as only root may: .ci/run has it.
      cargoTestExtraArgs = "-- --skip a_process_that_has_stopped_does_not_wait_for_a_dns_look_up";
      env =
        cargoArgs.env
        // {
          DYNAMODB_LOCAL = "required";
          # A build has no /etc/ssl, and stdenv names a file that does not exist where this is not set.
          SSL_CERT_FILE = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt";
        }
        // lib.optionalAttrs isLinux { MOUNT_NAMESPACE = "required"; };
      # Ubuntu since 24.04 lets nobody but root mount, in a namespace of their own or not, until somebody sets this to 0.
      preCheck = lib.optionalString isLinux ''
        if grep --quiet 1 /proc/sys/kernel/apparmor_restrict_unprivileged_userns 2> /dev/null; then
          echo "tests/filesystem is left out: kernel.apparmor_restrict_unprivileged_userns is 1 on this machine"
          unset MOUNT_NAMESPACE
        fi
      '';
      # The tests talk to servers on 127.0.0.1, which the sandbox of macOS forbids unless told.
      __darwinAllowLocalNetworking = true;
    }
  );

  # Advisories are left out: they change while the lock does not. The workflows ask for them every day.
  deny = craneLib.cargoDeny (cargoArgs // { cargoDenyChecks = "bans licenses sources"; });

  # The chart's own tests, but for those of Helm 4, which this nixpkgs does not have, and those that need the service,
  # Kubernetes' schemas or Prometheus: .ci/run has them all.
  chart =
    check "chart" sources.chart
      [
        pkgs.kubernetes-helm
        (pkgs.python3.withPackages (python: [
          python.pytest
          python.pyyaml
        ]))
      ]
      ''
        export HOME=$TMPDIR
        helm lint --strict --values helm/backend/values.local.yaml helm/backend
        helm lint --strict helm/dynamodb-local
        pytest -p no:cacheprovider -k 'not helm4' tests/helm \
          --ignore tests/helm/test_charts.py --ignore tests/helm/test_checkov.py \
          --ignore tests/helm/test_contract.py --ignore tests/helm/test_operator.py
      '';

  # With the providers at hand, init needs no registry. The lock files name the registry's builds of them, so they are not
  # for these.
  terraform =
    check "terraform" sources.terraform
      [
        (pkgs.terraform.withPlugins (provider: [
          provider.hashicorp_aws
          provider.hashicorp_helm
          provider.hashicorp_kubernetes
        ]))
      ]
      ''
        export HOME=$TMPDIR
        terraform fmt -check -recursive -diff terraform
        rm --force terraform/*/.terraform.lock.hcl
        bash tests/terraform/run test
      '';

  image = pkgs.callPackage ./image-check.nix { inherit image release; };

  versions = import ./versions.nix { inherit pkgs; };
}
# Called as CI calls them.
//
  lib.mapAttrs
    (linter: files: check linter files [ pkgs.${linter} ] "HOME=$TMPDIR bash .ci/lint ${linter}")
    {
      actionlint = sources.workflows;
      deadnix = sources.nix;
      nixfmt = sources.nix;
      shellcheck = sources.shell;
      statix = sources.nix;
      tflint = sources.terraform;
      zizmor = sources.workflows;
    }
