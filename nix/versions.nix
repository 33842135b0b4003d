# Holds .ci/versions.toml, by which CI installs its linters, to the lock: prints the table with the lock's own versions.
{ pkgs }:

let
  inherit (pkgs) lib;

  held =
    linter: version:
    let
      locked = lib.getVersion pkgs.${linter};
    in
    if locked == version || lib.hasPrefix "${version}." locked then
      "${linter} ${locked}\n"
    else
      throw ".ci/versions.toml: ${linter} is ${version}, and ${locked} in the lock";
in
pkgs.writeText "check-versions" (
  lib.concatStrings (lib.mapAttrsToList held (lib.importTOML ../.ci/versions.toml))
)
