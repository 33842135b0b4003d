# The stage commands: `nix run .#<name>` runs `script` of nix/apps with `args` before the caller's own. `tools` are what the
# script calls besides those that every stage has (stages.nix).
{ pkgs }:

{
  build-image = {
    script = "build-image.sh";
    description = "Build the image of this machine's architecture and load it into Docker";
    tools = [ pkgs.docker-client ];
  };
}
