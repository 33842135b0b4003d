# What the image's labels say: all of it follows from the commit, so that the same commit gives the same image.
{ lib, self }:

let
  inherit ((lib.importTOML ../Cargo.toml).package) version repository;

  # A checkout with changes is `<commit>-dirty`; a folder that is not a git repository has no revision.
  revision = self.rev or self.dirtyRev or "unknown";

  # Nix gives the time of the commit as YYYYMMDDhhmmss in UTC. Without a commit it is the folder's, which differs at each copy.
  digits = if revision == "unknown" then "19700101000000" else self.lastModifiedDate;
  part = start: length: builtins.substring start length digits;
in
{
  inherit version revision;
  source = repository;

  # RFC 3339, as the OCI annotations ask for.
  created = "${part 0 4}-${part 4 2}-${part 6 2}T${part 8 2}:${part 10 2}:${part 12 2}Z";
}
