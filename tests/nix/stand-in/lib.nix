# Stands in for nixpkgs' lib: the functions that the recipes use, and no others.
rec {
  inherit (builtins)
    attrNames
    attrValues
    concatStringsSep
    mapAttrs
    ;

  genAttrs = names: f: genAttrs' names (name: nameValuePair name (f name));
  genAttrs' = names: f: builtins.listToAttrs (map f names);
  concatMapAttrs = f: set: builtins.foldl' (all: name: all // f name set.${name}) { } (attrNames set);
  mapAttrs' = f: set: builtins.listToAttrs (mapAttrsToList f set);
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  nameValuePair = name: value: { inherit name value; };
  optional = condition: value: if condition then [ value ] else [ ];
  optionals = condition: list: if condition then list else [ ];
  optionalAttrs = condition: attributes: if condition then attributes else { };
  optionalString = condition: text: if condition then text else "";
  hasPrefix = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
  concatStrings = concatStringsSep "";
  concatMapStringsSep =
    separator: f: list:
    concatStringsSep separator (map f list);
  escapeShellArgs = concatMapStringsSep " " (argument: "'${argument}'");
  importTOML = file: builtins.fromTOML (builtins.readFile file);
  licenses.asl20.spdxId = "Apache-2.0";
  getVersion = package: package.version;
  getExe = package: "${package}/bin/${package.meta.mainProgram}";

  # A file set is a function that says whether a path is in it.
  fileset = rec {
    within = folder: path: path == toString folder || hasPrefix "${toString folder}/" path;
    set = value: if builtins.isFunction value then value else within value;
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
