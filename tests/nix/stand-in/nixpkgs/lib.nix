# The functions of nixpkgs' lib that the flake uses, and no others.
let
  root = toString ../../../..;

  # A file set is a function that says whether a path relative to the root is in it.
  inside =
    folder: path:
    folder == ""
    || path == folder
    || builtins.substring 0 (builtins.stringLength folder + 1) path == "${folder}/";
  relative =
    path:
    let
      length = builtins.stringLength root;
      text = toString path;
    in
    if text == root then "" else builtins.substring (length + 1) (builtins.stringLength text) text;
  set =
    value:
    if builtins.isFunction value then
      value
    else if builtins.pathExists value then
      path: _: inside (relative value) path
    else
      throw "${toString value} is in a file set and does not exist";
in
rec {
  inherit (builtins)
    attrNames
    attrValues
    concatStringsSep
    mapAttrs
    ;

  genAttrs =
    names: f:
    builtins.listToAttrs (
      map (name: {
        inherit name;
        value = f name;
      }) names
    );
  genAttrs' = names: f: builtins.listToAttrs (map f names);
  concatMapAttrs =
    f: attributes:
    builtins.foldl' (all: name: all // f name attributes.${name}) { } (attrNames attributes);
  mapAttrs' =
    f: attributes: builtins.listToAttrs (map (name: f name attributes.${name}) (attrNames attributes));
  nameValuePair = name: value: { inherit name value; };
  optionals = condition: list: if condition then list else [ ];
  optionalString = condition: text: if condition then text else "";
  optional = condition: value: if condition then [ value ] else [ ];
  hasPrefix = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
  concatStrings = concatStringsSep "";
  mapAttrsToList = f: attributes: map (name: f name attributes.${name}) (attrNames attributes);
  optionalAttrs = condition: attributes: if condition then attributes else { };
  concatMapStringsSep =
    separator: f: list:
    concatStringsSep separator (map f list);
  escapeShellArg = argument: "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] (toString argument)}'";
  escapeShellArgs = concatMapStringsSep " " escapeShellArg;
  importTOML = file: builtins.fromTOML (builtins.readFile file);
  getName = package: package.pname;
  getVersion = package: package.version;
  getExe = package: "${package}/bin/${package.meta.mainProgram}";
  licenses.asl20.spdxId = "Apache-2.0";

  fileset = rec {
    unions =
      sets: path: type:
      builtins.any (each: set each path type) sets;
    maybeMissing = value: if builtins.pathExists value then set value else _: _: false;
    fileFilter =
      predicate: folder: path: _:
      inside (relative folder) path
      && predicate rec {
        name = baseNameOf path;
        hasExt = extension: builtins.match ".*\\.${extension}" name != null;
      };
    # Folders are kept when they hold a file of the set, so that empty ones do not count.
    toSource =
      { root, fileset }:
      let
        files = set fileset;
        keep =
          path: type:
          if type == "directory" then
            let
              entries = builtins.readDir path;
            in
            !(builtins.elem (baseNameOf path) [
              ".git"
              "target"
            ])
            && builtins.any (name: keep "${path}/${name}" entries.${name}) (attrNames entries)
          else
            files (relative path) type;
      in
      builtins.path {
        name = "source";
        path = root;
        filter = keep;
      };
  };
}
