# What the tests assert on, as plain data. Naming the derivation of every output evaluates all of it.
{ self }:

let
  outputs = import ./evaluate.nix { inherit self; };

  each = builtins.mapAttrs;
  derivations = each (_: each (_: output: output.drvPath));
in
{
  outputs = builtins.attrNames outputs;
  inputs = builtins.attrNames (import ../../flake.nix).inputs;
  locked = (builtins.fromJSON (builtins.readFile ../../flake.lock)).nodes.root.inputs;

  packages = derivations outputs.packages;
  checks = derivations outputs.checks;
  shells = derivations outputs.devShells;
  formatter = each (_: output: output.drvPath) outputs.formatter;
  apps = each (_: each (_: app: { inherit (app) type program meta; })) outputs.apps;
  overlay = builtins.attrNames (
    outputs.overlays.default (import ./stand-in/nixpkgs { system = "x86_64-linux"; }) { }
  );

  bash = outputs.formatter.x86_64-linux.settings.formatter.shell.includes;
  tools = each (_: each (_: shell: shell.tools)) outputs.devShells;
  hook = outputs.devShells.x86_64-linux.default.arguments.shellHook;

  image = outputs.packages.x86_64-linux.image.config;
  chain = each (_: packages: builtins.attrNames packages.oci-index.chain) outputs.packages;

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

  unfree = builtins.filter (
    pname: outputs.packages.x86_64-linux.default.nixpkgs.config.allowUnfreePredicate { inherit pname; }
  ) [
    "dynamodb-local"
    "terraform"
    "vault"
  ];
}
