# From `cargo metadata` to CycloneDX 1.6. $built is what `cargo tree` says is built in, as name@version, a line each: the metadata
# has the features that tests ask for as well. $lock is the text of Cargo.lock, which holds the checksums.

def purl: "pkg:cargo/\(.name)@\(.version)";

($lock | split("[[package]]")[1:] | map(
  select(test("checksum = ")) | {
    key: "\(capture("name = \"(?<x>[^\"]+)\"").x)@\(capture("version = \"(?<x>[^\"]+)\"").x)",
    value: capture("checksum = \"(?<x>[^\"]+)\"").x
  }) | from_entries) as $checksums
| ($built | split("\n")) as $built
| (.packages | map(select("\(.name)@\(.version)" as $name | $built | index($name)) | { key: .id, value: . }) | from_entries) as $packages
| $packages[.resolve.root] as $service
| {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: { type: "application", name: $service.name, version: $service.version, "bom-ref": ($service | purl) }
    },
    components: [
      $packages[] | select(.id != $service.id) | {
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
      .resolve.nodes[] | select($packages[.id]) | {
        ref: ($packages[.id] | purl),
        dependsOn: [ .deps[] | select(any(.dep_kinds[]; .kind != "dev")) | $packages[.pkg] // empty | purl ] | unique
      }
    ] | sort_by(.ref)
  }
