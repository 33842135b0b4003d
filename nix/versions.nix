# Holds .ci/versions, by which CI installs its linters, to the lock: prints the table with the lock's own versions.
{ pkgs }:

let
  inherit (pkgs) lib;

  held =
    row:
    let
      tool = lib.elemAt row 0;
      version = lib.elemAt row 1;
      locked = lib.getVersion pkgs.${tool};
    in
    if locked == version || lib.hasPrefix "${version}." locked then
      "${tool} ${locked}"
    else
      throw ".ci/versions: ${tool} is ${version}, and ${locked} in the lock";

  rows = lib.filter (row: row != null) (
    map (builtins.match "([a-z]+) +([0-9.]+)") (lib.splitString "\n" (lib.readFile ../.ci/versions))
  );
in
pkgs.writeText "check-versions" (lib.concatMapStringsSep "\n" held rows)
