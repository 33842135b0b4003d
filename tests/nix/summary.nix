# What the tests assert on, as plain data. Naming the derivation of every output evaluates all of it.
{ self }:

let
  outputs = import ./evaluate.nix { inherit self; };
  lock = builtins.fromJSON (builtins.readFile ../../flake.lock);

  each = builtins.mapAttrs;
  derivations = each (_: each (_: output: output.drvPath));
in
{
  outputs = builtins.attrNames outputs;
  inputs = builtins.attrNames (import ../../flake.nix).inputs;
  locked = lock.nodes.root.inputs;

  packages = derivations outputs.packages;
  checks = derivations outputs.checks;
  shells = derivations outputs.devShells;
  formatter = each (_: output: {
    inherit (output) drvPath tools;
    inherit (output.settings) formatter;
  }) outputs.formatter;

  apps = each (_: each (_: app: { inherit (app) type program meta; })) outputs.apps;
  tools = each (_: each (_: shell: shell.tools)) outputs.devShells;
  # What the stages call. The service is no tool.
  called = each (
    system: _:
    let
      pkgs = import ./stand-in/nixpkgs {
        inherit system;
        config.allowUnfreePredicate = _: true;
      };
      rows = import ../../nix/apps.nix {
        inherit pkgs;
        service.pname = "";
      };
    in
    builtins.concatMap (row: map (tool: tool.pname) row.tools) (builtins.attrValues rows)
  ) outputs.packages;
  hooks = each (_: shells: shells.default.arguments.shellHook) outputs.devShells;

  images = each (_: packages: packages.image.config) outputs.packages;

  # How the static program of an image is made; the linkers are those of build scripts, on the machine that builds.
  program = each (
    _: packages:
    let
      inherit (packages.image-x86_64-linux.package) arguments nixpkgs;
    in
    {
      inherit (nixpkgs) crossSystem;
      flags = arguments.env;
      linkers = map (tool: tool.pname) arguments.depsBuildBuild;
    }
  ) outputs.packages;
  chain = each (_: packages: each (_: part: part.drvPath) packages.oci-index.chain) outputs.packages;
  overlay = builtins.attrNames (
    outputs.overlays.default (import ./stand-in/nixpkgs { system = "x86_64-linux"; }) { }
  );

  cargo = each (
    _:
    each (
      _: check: {
        artifacts = check.arguments.artifacts or "";
        environment = check.arguments.env or { };
        source = toString (check.arguments.src or "");
        command = check.arguments.cargoClippyExtraArgs or check.arguments.cargoDenyChecks or "";
        tools = map (tool: tool.pname) (check.arguments.nativeCheckInputs or [ ]);
      }
    )
  ) outputs.checks;

  shell = toString (import ../../nix/sources.nix { lib = import ./stand-in/nixpkgs/lib.nix; }).shell;

  mainProgram = each (_: packages: packages.default.meta.mainProgram) outputs.packages;

  unfree =
    let
      allowed = outputs.packages.x86_64-linux.default.nixpkgs.config.allowUnfreePredicate;
    in
    builtins.filter (pname: allowed { inherit pname; }) [
      "dynamodb-local"
      "terraform"
      "vault"
      "vscode"
    ];
}
