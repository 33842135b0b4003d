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

  # Every test, those against DynamoDB too: without it they fail instead of being left out.
  tests = craneLib.cargoTest (
    cargoArgs
    // {
      nativeCheckInputs = [ pkgs.dynamodb-local ];
      env = cargoArgs.env // {
        DYNAMODB_LOCAL = "required";
      };
      # The tests talk to servers on 127.0.0.1, which the sandbox of macOS forbids unless told.
      __darwinAllowLocalNetworking = true;
    }
  );

  # Advisories are left out: they change while the lock does not. The workflows ask for them every day.
  deny = craneLib.cargoDeny (cargoArgs // { cargoDenyChecks = "bans licenses sources"; });

  nixfmt = check "nixfmt" sources.nix [
    pkgs.nixfmt
  ] "find . -name '*.nix' -exec nixfmt --check {} +";
  statix = check "statix" sources.nix [ pkgs.statix ] "statix check";
  deadnix = check "deadnix" sources.nix [ pkgs.deadnix ] "deadnix --fail";

  shellcheck = check "shellcheck" sources.shell [
    pkgs.shellcheck
  ] "find . -type f -exec shellcheck --external-sources --source-path . {} +";

  # The chart's own tests, but for those of Helm 4, which this nixpkgs does not have, and those that need the service or
  # Kubernetes' schemas: .ci/run has them all.
  chart =
    check "chart" sources.chart
      [
        pkgs.kubernetes-helm
        pkgs.prometheus.cli
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
          --ignore tests/helm/test_charts.py --ignore tests/helm/test_checkov.py --ignore tests/helm/test_contract.py
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
        bash tests/terraform/run validate test
      '';

  tflint = check "tflint" sources.terraform [
    pkgs.tflint
  ] "cd terraform && HOME=$TMPDIR tflint --recursive";

  workflows =
    check "workflows" sources.workflows
      [
        pkgs.actionlint
        pkgs.shellcheck
        pkgs.zizmor
      ]
      ''
        # GitHub's syntax of 2026 for the workflow's own repository ($/) is not known to actionlint, nor to zizmor before 1.30,
        # which asks for it; they read a copy with the one before.
        mkdir before
        cp --recursive .github before
        find before -name '*.yaml' -exec sed -i 's|uses: \$/|uses: ./|' {} +
        zizmor --offline --persona auditor ${
          if lib.versionAtLeast pkgs.zizmor.version "1.30" then ".github" else "before/.github"
        }
        cd before
        find .github/workflows -name '*.yaml' -exec actionlint {} +
      '';
}
// lib.optionalAttrs pkgs.stdenv.hostPlatform.isLinux {
  image = pkgs.callPackage ./image-check.nix { inherit image release; };
}
