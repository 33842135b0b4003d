"""The image, really built by its recipe. What skopeo copies it has read to the last byte."""

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


def copied(source: str, folder: Path, *options: str) -> Any:
    """Copies an image, as a registry would get it, and gives its manifest; a blob that is not of its digest fails."""
    subprocess.run(["skopeo", "--insecure-policy", "copy", *options, source, f"dir:{folder}"], check=True, capture_output=True)
    return json.loads((folder / "manifest.json").read_bytes())


def index_of(archive: Path) -> Any:
    with tarfile.open(archive) as files:
        return json.load(files.extractfile("index.json"))


def test_the_check_of_the_flake_accepts_it(build: Build) -> None:
    assert "bytes compressed" in build("check").read_text()


def test_docker_podman_and_containerd_find_its_name(build: Build, tmp_path: Path) -> None:
    archive = build("image-x86_64")
    copied(f"docker-archive:{archive}:backend-cloud-app:1.0.0", tmp_path / "docker")
    copied(f"oci-archive:{archive}:1.0.0", tmp_path / "oci")
    annotations = index_of(archive)["manifests"][0]["annotations"]
    assert annotations["io.containerd.image.name"] == "docker.io/library/backend-cloud-app:1.0.0"


def test_its_layer_is_the_one_that_its_configuration_names_and_has_no_times(build: Build, tmp_path: Path) -> None:
    manifest = copied(f"oci-archive:{build('image-x86_64')}", tmp_path)
    config, layer = ((tmp_path / blob["digest"].removeprefix("sha256:")).read_bytes() for blob in (manifest["config"], *manifest["layers"]))
    layer = gzip.decompress(layer)
    assert json.loads(config)["rootfs"] == {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]}
    with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
        assert {each.mtime for each in archive.getmembers()} == {0}


def test_building_all_of_it_again_gives_the_same_bytes(build: Build, evaluate: Callable[[str], Any]) -> None:
    for output in ("index", "index.chain"):
        for check in ([], ["--check"]):
            build(output, *check)
    parts = ("dependencies", "program", "root", "layout")
    chain = evaluate("builtins.attrNames (build { }).index.chain")
    assert set(chain) == {f"{cpu}-{part}" for cpu in ("aarch64", "x86_64") for part in parts}


def test_a_program_that_differs_at_each_build_fails_the_rebuild_of_all_but_not_that_of_the_index(build: Build) -> None:
    impure = ["--argstr", "built", "$(date +%N)"]
    for options in ([], ["--check"]):
        build("index", *options, *impure)
    build("index.chain", *impure)
    with pytest.raises(AssertionError, match=r"derivation '.*-backend-cloud-app-.*' may not be deterministic"):
        build("index.chain", "--check", *impure)


def test_the_index_holds_both_images_under_the_digest_that_a_registry_will_name(build: Build, tmp_path: Path) -> None:
    layout = build("index")
    images = copied(f"oci:{layout}", tmp_path / "index", "--all")["manifests"]
    raw = (tmp_path / "index/manifest.json").read_bytes()
    (named,) = json.loads((layout / "index.json").read_bytes())["manifests"]
    assert named["digest"] == f"sha256:{hashlib.sha256(raw).hexdigest()}"
    assert images[1]["digest"] == index_of(build("image-x86_64"))["manifests"][0]["digest"]
    for image, architecture in zip(images, ("arm64", "amd64"), strict=True):
        manifest = json.loads((tmp_path / "index" / f"{image['digest'].removeprefix('sha256:')}.manifest.json").read_bytes())
        config = json.loads((tmp_path / "index" / manifest["config"]["digest"].removeprefix("sha256:")).read_bytes())
        assert image["platform"] == {"architecture": config["architecture"], "os": "linux"} == {"architecture": architecture, "os": "linux"}


def test_a_program_that_names_a_path_of_the_store_is_refused(build: Build) -> None:
    with pytest.raises(AssertionError, match="is not allowed to refer to the following paths"):
        build("image-x86_64", "--argstr", "built", "$out")


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
def test_it_says_of_which_commit_it_is(evaluate: Callable[[str], Any], self: str, revision: str, created: str) -> None:
    image = evaluate(f"(build {{ self = {self}; }}).image-x86_64.config")
    labels = image["config"]["Labels"]
    assert labels["org.opencontainers.image.revision"] == revision
    assert labels["org.opencontainers.image.created"] == image["created"] == created
    assert (f"REVISION={revision}" in image["config"]["Env"]) == (revision != "unknown")
