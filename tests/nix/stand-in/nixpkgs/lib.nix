# The functions of nixpkgs' lib that the flake uses, and no others.
rec {
  inherit (builtins)
    attrNames
    attrValues
    concatMap
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
  subtractLists = removed: builtins.filter (each: !builtins.elem each removed);
  unique = builtins.foldl' (kept: each: if builtins.elem each kept then kept else kept ++ [ each ]) [ ];
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

  # A file set is a function that says whether a path is in it.
  fileset = rec {
    within = folder: path: path == toString folder || hasPrefix "${toString folder}/" path;
    set =
      value:
      if builtins.isFunction value then
        value
      else if builtins.pathExists value then
        within value
      else
        throw "${toString value} is in a file set and does not exist";
    unions = sets: path: builtins.any (each: set each path) sets;
    fileFilter =
      predicate: folder: path:
      within folder path
      && predicate rec {
        name = baseNameOf path;
        hasExt = extension: builtins.match ".*\\.${extension}" name != null;
      };
    toSource =
      { root, fileset }:
      builtins.path {
        name = "source";
        path = root;
        filter =
          path: type:
          if type == "directory" then
            !builtins.elem (baseNameOf path) [
              ".git"
              "target"
            ]
          else
            fileset path;
      };
  };
}
