"""The image, really built: by the recipes of the flake, of a stand-in for the service."""

import gzip
import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Build = Callable[..., Path]


class Layout:
    """An OCI image layout; reading a blob checks its digest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = json.loads((folder / "index.json").read_bytes())

    def blob(self, descriptor: Any) -> bytes:
        algorithm, digest = descriptor["digest"].split(":")
        content = (self.folder / "blobs" / algorithm / digest).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
        assert len(content) == descriptor["size"]
        return content

    def json(self, descriptor: Any) -> Any:
        return json.loads(self.blob(descriptor))


@pytest.fixture(scope="module")
def image(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Layout:
    folder = tmp_path_factory.mktemp("image")
    with tarfile.open(build("packages.image")) as archive:
        archive.extractall(folder)
    return Layout(folder)


@pytest.fixture(scope="module")
def manifest(image: Layout) -> Any:
    (descriptor,) = image.index["manifests"]
    assert descriptor["platform"] == {"architecture": "amd64", "os": "linux"}
    return image.json(descriptor)


def test_the_check_of_the_flake_accepts_it(build: Build) -> None:
    assert "bytes compressed" in build("checks.image").read_text()


def test_its_layer_is_the_one_that_its_configuration_names_and_has_no_times(image: Layout, manifest: Any) -> None:
    layer = gzip.decompress(image.blob(manifest["layers"][0]))
    rootfs = image.json(manifest["config"])["rootfs"]
    assert rootfs == {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]}
    with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
        assert {each.mtime for each in archive.getmembers()} == {0}


def test_docker_podman_and_containerd_find_its_name(image: Layout, manifest: Any) -> None:
    (docker,) = json.loads((image.folder / "manifest.json").read_bytes())
    assert docker["RepoTags"] == ["backend-cloud-app:1.0.0"]
    assert docker["Config"] == "blobs/sha256/" + manifest["config"]["digest"].removeprefix("sha256:")
    assert docker["Layers"] == ["blobs/sha256/" + manifest["layers"][0]["digest"].removeprefix("sha256:")]
    annotations = image.index["manifests"][0]["annotations"]
    assert annotations["io.containerd.image.name"] == "docker.io/library/backend-cloud-app:1.0.0"


def test_building_all_of_it_again_gives_the_same_bytes(build: Build, summary: Any) -> None:
    for output in ("packages.oci-index", "packages.oci-index.chain"):
        for check in ([], ["--check"]):
            build(output, *check)
    built = {"dependencies", "program", "root", "layout"}
    for system, chain in summary["chain"].items():
        assert set(chain) == {f"{cpu}-{part}" for cpu in ("aarch64", "x86_64") for part in built}, system


def test_a_program_that_differs_at_each_build_fails_the_rebuild_of_all_but_not_that_of_the_index(build: Build) -> None:
    impure = ["--argstr", "built", "$(date +%N)"]
    for options in ([], ["--check"]):
        build("packages.oci-index", *options, *impure)
    build("packages.oci-index.chain", *impure)
    with pytest.raises(AssertionError, match=r"derivation '.*-backend-cloud-app-.*' may not be deterministic"):
        build("packages.oci-index.chain", "--check", *impure)


def test_the_index_holds_both_images_under_the_digest_that_a_registry_will_name(build: Build, image: Layout) -> None:
    layout = Layout(build("packages.oci-index"))
    (descriptor,) = layout.index["manifests"]
    assert descriptor["mediaType"] == "application/vnd.oci.image.index.v1+json"
    nested = layout.json(descriptor)["manifests"]
    assert [each["platform"]["architecture"] for each in nested] == ["arm64", "amd64"]
    assert nested[1]["digest"] == image.index["manifests"][0]["digest"]
    for each in nested:
        manifest = layout.json(each)
        assert layout.json(manifest["config"])["architecture"] == each["platform"]["architecture"]
        layout.blob(manifest["layers"][0])


def test_a_registry_client_reads_the_index(build: Build) -> None:
    skopeo = ["skopeo", "inspect", "--raw", f"oci:{build('packages.oci-index')}"]
    raw = subprocess.run(skopeo, check=True, capture_output=True).stdout
    index = json.loads((build("packages.oci-index") / "index.json").read_bytes())
    assert f"sha256:{hashlib.sha256(raw).hexdigest()}" == index["manifests"][0]["digest"]


def test_a_program_that_names_a_path_of_the_store_is_refused(build: Build) -> None:
    with pytest.raises(AssertionError, match="is not allowed to refer to the following paths"):
        build("packages.image", "--argstr", "built", "$out")


@pytest.mark.parametrize("system", ["aarch64-darwin", "aarch64-linux", "x86_64-linux"])
def test_its_program_is_static_and_cross_compiled_from_every_system(summary: Any, system: str) -> None:
    program = summary["program"][system]
    assert program["crossSystem"] == {"config": "x86_64-unknown-linux-musl", "isStatic": True}
    assert program["flags"] == {"CARGO_BUILD_RUSTFLAGS": "-C target-feature=+crt-static"}
    # On a Mac build scripts find neither by themselves.
    assert program["linkers"] == (["clang-wrapper", "libiconv"] if system == "aarch64-darwin" else [])


@pytest.mark.parametrize(
    ("self", "revision", "created"),
    [
        ('{ rev = "0123abc"; lastModifiedDate = "20260102030405"; }', "0123abc", "2026-01-02T03:04:05Z"),
        ('{ dirtyRev = "abc-dirty"; lastModifiedDate = "20260102030405"; }', "abc-dirty", "2026-01-02T03:04:05Z"),
        # The date of a folder is that of its newest file, which a copy of it does not share.
        ('{ lastModifiedDate = "20260102030405"; }', "unknown", "1970-01-01T00:00:00Z"),
    ],
    ids=["clean", "changed", "without git"],
)
def test_it_says_of_which_commit_it_is(summarise: Callable[[str], Any], self: str, revision: str, created: str) -> None:
    config = summarise(self)["images"]["x86_64-linux"]
    labels = config["config"]["Labels"]
    assert labels["org.opencontainers.image.revision"] == revision
    assert labels["org.opencontainers.image.created"] == config["created"] == created
    assert (f"REVISION={revision}" in config["config"]["Env"]) == (revision != "unknown")
