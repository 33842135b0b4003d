# From `cargo metadata` to CycloneDX 1.6: the crates that the resolved graph reaches from the service by normal and build
# dependencies, not those that only its tests need. $lock is the text of Cargo.lock, which holds the checksums.

def purl: "pkg:cargo/\(.name)@\(.version)";

($lock | split("[[package]]")[1:] | map(
  select(test("checksum = ")) | {
    key: "\(capture("name = \"(?<x>[^\"]+)\"").x)@\(capture("version = \"(?<x>[^\"]+)\"").x)",
    value: capture("checksum = \"(?<x>[^\"]+)\"").x
  }) | from_entries) as $checksums
| (.packages | map({ key: .id, value: . }) | from_entries) as $packages
| (.resolve.nodes | map({
    key: .id,
    value: [ .deps[] | select(any(.dep_kinds[]; .kind != "dev")) | .pkg ]
  }) | from_entries) as $needs
| .resolve.root as $root
| { reached: { ($root): true }, edge: [ $root ] }
| until(.edge == [];
    .reached as $reached
    | ([ .edge[] | $needs[.][] ] | unique | map(select($reached[.] | not))) as $new
    | { reached: ($reached + ($new | map({ key: ., value: true }) | from_entries)), edge: $new })
| (.reached | keys) as $reached
| $packages[$root] as $service
| {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: { type: "application", name: $service.name, version: $service.version, "bom-ref": ($service | purl) }
    },
    components: [
      $reached[] | select(. != $root) | $packages[.] | {
        type: "library",
        name,
        version,
        "bom-ref": purl,
        purl: purl,
        hashes: [ $checksums["\(.name)@\(.version)"] // empty | { alg: "SHA-256", content: . } ],
        licenses: [ .license // empty | { expression: gsub("/"; " OR ") } ]
      }
    ] | sort_by(.purl),
    dependencies: [
      $reached[] | { ref: ($packages[.] | purl), dependsOn: [ $needs[.][] | $packages[.] | purl ] | unique }
    ] | sort_by(.ref)
  }
