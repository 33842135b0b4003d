# Stands in for crane: every function takes what crane's takes and remembers it. The package is a static program that
# answers --version, so that an image can really be built of it; what it holds is for the tests to say.
{ built }:

{
  mkLib =
    pkgs:
    let
      inherit (pkgs.standIn) make;

      cargo =
        command: arguments:
        make (
          removeAttrs arguments [ "cargoArtifacts" ]
          // {
            name = "${arguments.pname}-${command}-${arguments.version}";
            artifacts = toString (arguments.cargoArtifacts or "");
            recipe = "mkdir $out";
          }
        );
    in
    {
      buildDepsOnly = cargo "deps";
      cargoClippy = cargo "clippy";
      cargoDeny = cargo "deny";
      cargoDoc = cargo "doc";
      cargoFmt = cargo "fmt";
      cargoTest = cargo "test";

      buildPackage =
        arguments:
        make (
          removeAttrs arguments [ "cargoArtifacts" ]
          // {
            name = "${arguments.pname}-${arguments.version}";
            artifacts = toString arguments.cargoArtifacts;
            main = ''
              #include <stdio.h>
              int main(void) { return puts(BUILT) < 0; }
            '';
            recipe = ''
              mkdir -p $out/bin
              cc -static -s -x c -D BUILT="\"${built}\"" -o $out/bin/$pname - <<< "$main"
            '';
          }
        );

      devShell =
        { packages, ... }@arguments:
        make (
          arguments
          // {
            name = "shell";
            packages = map toString packages;
            recipe = "mkdir $out";
            passthru.tools = map (tool: tool.pname) packages;
          }
        );
    };
}
