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
from conftest import HERE

Build = Callable[..., Path]
IMAGE = "packages.x86_64-linux.image"


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
    with tarfile.open(build(IMAGE)) as archive:
        archive.extractall(folder)
    return Layout(folder)


@pytest.fixture
def rebuild(realise: Callable[..., list[Path]]) -> Callable[..., None]:
    """Builds an output twice, as `nix build --rebuild` does."""

    def run(output: str, *options: str) -> None:
        for check in ([], ["--check"]):
            realise(HERE / "evaluate.nix", "--attr", f"packages.x86_64-linux.{output}", *options, *check)

    return run


@pytest.fixture(scope="module")
def manifest(image: Layout) -> Any:
    (descriptor,) = image.index["manifests"]
    assert descriptor["platform"] == {"architecture": "amd64", "os": "linux"}
    return image.json(descriptor)


@pytest.fixture(scope="module")
def layer(image: Layout, manifest: Any) -> bytes:
    (descriptor,) = manifest["layers"]
    return gzip.decompress(image.blob(descriptor))


def test_it_runs_as_a_number_that_is_not_root_and_needs_no_arguments(image: Layout, manifest: Any) -> None:
    config = image.json(manifest["config"])["config"]
    assert config["User"] == "65532:65532"
    assert config["Entrypoint"] == ["/bin/backend-cloud-app"]
    assert "Cmd" not in config
    assert config["ExposedPorts"] == {"8888/tcp": {}}
    assert config["Volumes"] == {"/data": {}}
    assert dict(each.split("=") for each in config["Env"]) == {
        "DATA_DIR": "/data",
        "SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt",
        "REVISION": "0123456789abcdef0123456789abcdef01234567",
    }


def test_its_labels_say_where_it_comes_from(image: Layout, manifest: Any) -> None:
    config = image.json(manifest["config"])
    labels = {key.removeprefix("org.opencontainers.image."): value for key, value in config["config"]["Labels"].items()}
    assert labels == {
        "created": "2026-01-02T03:04:05Z",
        "description": "A birthday greeting service: PUT and GET /hello/<username>",
        "licenses": "Apache-2.0",
        "revision": "0123456789abcdef0123456789abcdef01234567",
        "source": "https://github.com/example/backend-cloud-app",
        "title": "backend-cloud-app",
        "version": "1.0.0",
    }
    assert config["created"] == labels["created"]


def test_it_holds_the_binary_the_certificates_and_an_empty_data_folder_and_nothing_else(layer: bytes) -> None:
    with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
        members = {each.name: (f"{each.mode:o}", each.uid, each.gid) for each in archive.getmembers()}
        assert all(each.mtime == 0 for each in archive.getmembers())
    assert members == {
        "bin": ("755", 0, 0),
        "bin/backend-cloud-app": ("755", 0, 0),
        "etc": ("755", 0, 0),
        "etc/ssl": ("755", 0, 0),
        "etc/ssl/certs": ("755", 0, 0),
        "etc/ssl/certs/ca-certificates.crt": ("644", 0, 0),
        "data": ("755", 65532, 65532),
    }


def test_its_configuration_names_the_layer_that_it_has(image: Layout, manifest: Any, layer: bytes) -> None:
    rootfs = image.json(manifest["config"])["rootfs"]
    assert rootfs == {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]}


def test_docker_podman_and_containerd_find_its_name(image: Layout, manifest: Any) -> None:
    (docker,) = json.loads((image.folder / "manifest.json").read_bytes())
    assert docker["RepoTags"] == ["backend-cloud-app:1.0.0"]
    assert docker["Config"] == "blobs/sha256/" + manifest["config"]["digest"].removeprefix("sha256:")
    assert docker["Layers"] == ["blobs/sha256/" + manifest["layers"][0]["digest"].removeprefix("sha256:")]
    annotations = image.index["manifests"][0]["annotations"]
    assert annotations["io.containerd.image.name"] == "docker.io/library/backend-cloud-app:1.0.0"


def test_building_all_of_it_again_gives_the_same_bytes(rebuild: Callable[..., None], summary: Any) -> None:
    rebuild("oci-index")
    rebuild("oci-index.chain")
    built = {"dependencies", "program", "root", "layout"}
    for system, chain in summary["chain"].items():
        assert set(chain) == {f"{cpu}-{part}" for cpu in ("aarch64", "x86_64") for part in built}, system


def test_a_program_that_differs_at_each_build_fails_the_rebuild_of_all_but_not_that_of_the_index(
    rebuild: Callable[..., None],
) -> None:
    impure = ["--arg", "impure", "true"]
    rebuild("oci-index", *impure)
    with pytest.raises(AssertionError, match=r"derivation '.*-backend-cloud-app-.*' may not be deterministic"):
        rebuild("oci-index.chain", *impure)


def test_the_index_holds_both_images_under_the_digest_that_a_registry_will_name(build: Build, image: Layout) -> None:
    layout = Layout(build("packages.x86_64-linux.oci-index"))
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
    skopeo = ["skopeo", "inspect", "--raw", f"oci:{build('packages.x86_64-linux.oci-index')}"]
    raw = subprocess.run(skopeo, check=True, capture_output=True).stdout
    index = json.loads((build("packages.x86_64-linux.oci-index") / "index.json").read_bytes())
    assert f"sha256:{hashlib.sha256(raw).hexdigest()}" == index["manifests"][0]["digest"]


def test_a_program_that_names_a_path_of_the_store_is_refused(realise: Callable[..., list[Path]]) -> None:
    with pytest.raises(AssertionError, match="is not allowed to refer to the following paths"):
        realise(HERE / "leak.nix")


def test_the_check_of_the_flake_accepts_it(build: Build) -> None:
    assert "bytes compressed" in build("checks.x86_64-linux.image").read_text()


@pytest.mark.parametrize(
    ("system", "linkers"),
    [("aarch64-darwin", ["clang-wrapper", "libiconv"]), ("aarch64-linux", []), ("x86_64-linux", [])],
)
def test_build_scripts_find_a_linker_and_libiconv_on_a_mac(summary: Any, system: str, linkers: list[str]) -> None:
    assert summary["linkers"][system] == linkers


@pytest.mark.parametrize("system", ["aarch64-darwin", "aarch64-linux", "x86_64-linux"])
def test_its_program_is_static_and_cross_compiled_from_every_system(summary: Any, system: str) -> None:
    assert summary["static"][system] == {"config": "x86_64-unknown-linux-musl", "isStatic": True}
    assert summary["flags"][system]["CARGO_BUILD_RUSTFLAGS"] == "-C target-feature=+crt-static"


def test_a_checkout_with_changes_or_without_git_is_labelled_so(summarise: Callable[[str], Any]) -> None:
    def labels(self: str) -> Any:
        return summarise(self)["images"]["x86_64-linux"]["image"]["config"]["config"]["Labels"]

    revision, created = "org.opencontainers.image.revision", "org.opencontainers.image.created"
    dirty = labels('{ dirtyRev = "abc-dirty"; lastModifiedDate = "20260102030405"; }')
    assert (dirty[revision], dirty[created]) == ("abc-dirty", "2026-01-02T03:04:05Z")
    # The date of a folder is that of its newest file, which a copy of it does not share.
    folder = labels('{ lastModifiedDate = "20260102030405"; }')
    assert (folder[revision], folder[created]) == ("unknown", "1970-01-01T00:00:00Z")
