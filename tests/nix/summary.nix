# What the tests assert on, as plain data. Naming the derivation of every output evaluates all of it.
{
  self ? { },
}:

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
  hooks = each (_: shells: shells.default.arguments.shellHook) outputs.devShells;

  images = each (
    _: packages:
    each
      (_: image: {
        inherit (image) reference config;
      })
      {
        inherit (packages) image image-aarch64-linux image-x86_64-linux;
      }
  ) outputs.packages;

  # Which packages the static program of an image is made with.
  static = each (
    _: packages: packages.image-x86_64-linux.package.nixpkgs.crossSystem
  ) outputs.packages;
  # What build scripts are linked with on the machine that builds.
  linkers = each (
    _: packages: map (tool: tool.pname) packages.image-x86_64-linux.package.arguments.depsBuildBuild
  ) outputs.packages;
  chain = each (_: packages: each (_: part: part.drvPath) packages.oci-index.chain) outputs.packages;
  overlay = builtins.attrNames (
    outputs.overlays.default (import ./stand-in/nixpkgs { system = "x86_64-linux"; }) { }
  );
  flags = each (_: packages: packages.image-x86_64-linux.package.arguments.env) outputs.packages;

  cargo = each (
    _: checks:
    each
      (_: check: {
        inherit (check.arguments) artifacts;
        environment = check.arguments.env or { };
        source = toString check.arguments.src;
        command = check.arguments.cargoClippyExtraArgs or check.arguments.cargoDenyChecks or "";
        tools = map (tool: tool.pname) (check.arguments.nativeCheckInputs or [ ]);
      })
      {
        inherit (checks)
          clippy
          doc
          fmt
          tests
          deny
          ;
      }
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
