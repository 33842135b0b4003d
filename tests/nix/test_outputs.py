"""What the flake offers, on every system."""

import os
import re
import subprocess
import tomllib
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from conftest import HERE, ROOT, Nix

SYSTEMS = ["aarch64-darwin", "aarch64-linux", "x86_64-linux"]


def tracked(*patterns: str) -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    found = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    return [file for file in found if (ROOT / file).is_file()]


def test_the_lock_pins_every_input_and_no_other(summary: Any) -> None:
    assert list(summary["locked"]) == summary["inputs"] == ["crane", "nixpkgs"]


def test_every_kind_of_output_is_there_for_every_system(summary: Any) -> None:
    assert summary["outputs"] == ["apps", "checks", "devShells", "formatter", "overlays", "packages"]
    assert summary["overlay"] == ["backend-cloud-app"]
    for kind in ("apps", "checks", "shells", "formatter", "packages"):
        assert sorted(summary[kind]) == SYSTEMS, kind


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_system_builds_all_images_and_checks_code_image_chart_infrastructure_and_workflows(summary: Any, system: str) -> None:
    packages = summary["packages"][system]
    assert set(packages) == {"default", "image", "image-aarch64-linux", "image-x86_64-linux", "oci-index", "stages"}
    assert packages["image"] == packages[f"image-{system.split('-')[0]}-linux"]
    checks = {"package", "clippy", "fmt", "doc", "tests", "deny", "nixfmt", "statix", "deadnix", "shellcheck",
              "chart", "terraform", "tflint", "actionlint", "zizmor", "versions", "image"}  # fmt: skip
    assert set(summary["checks"][system]) == checks


@pytest.mark.parametrize("system", SYSTEMS)
def test_checks_of_rust_share_one_build_of_the_dependencies_and_are_strict(summary: Any, system: str) -> None:
    cargo = summary["cargo"][system]
    shared = {cargo[name]["artifacts"] for name in ("clippy", "doc", "tests")}
    assert len(shared) == 1 and "-deps-" in shared.pop()
    assert len({cargo[name]["source"] for name in ("clippy", "doc", "tests", "fmt", "deny")}) == 1
    assert cargo["clippy"]["command"] == "--all-targets -- --deny warnings"
    assert cargo["doc"]["environment"]["RUSTDOCFLAGS"] == "--deny warnings"
    # All but the advisories, which change while the lock does not.
    assert cargo["deny"]["command"] == "bans licenses sources"


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_tests_insist_on_a_dynamodb_on_certificates_and_on_a_mount_namespace(summary: Any, system: str) -> None:
    tests = summary["cargo"][system]["tests"]
    environment = tests["environment"]
    assert environment["DYNAMODB_LOCAL"] == "required"
    assert environment["SSL_CERT_FILE"].endswith("-cacert/etc/ssl/certs/ca-bundle.crt")
    linux = system.endswith("-linux")
    assert environment.get("MOUNT_NAMESPACE") == ("required" if linux else None)
    assert tests["tools"] == ["dynamodb-local", *(["strace", "util-linux"] if linux else [])]


def test_only_files_of_the_service_rebuild_the_service(summary: Any) -> None:
    source = Path(summary["cargo"]["x86_64-linux"]["clippy"]["source"])
    files = {str(file.relative_to(source)) for file in source.rglob("*") if file.is_file()}
    settings = ["Cargo.toml", "Cargo.lock", "clippy.toml", "deny.toml", "openapi.json", "rustfmt.toml"]
    assert files == {*tracked("src", "examples", "tests/**.rs"), *settings}


def test_a_linter_of_another_version_than_the_lock_s_fails_the_check(nix: Nix) -> None:
    pkgs = f'import {HERE}/stand-in/nixpkgs {{ system = "x86_64-linux"; }}'
    expression = f"(import {ROOT}/nix/versions.nix {{ pkgs = {pkgs} // {{ statix.version = \"0.5.9\"; }}; }}).drvPath"
    with pytest.raises(AssertionError, match=r"\.ci/versions\.toml: statix is 0\.5\.8, and 0\.5\.9 in the lock"):
        nix("nix-instantiate", "--eval", "--expr", expression)


def test_only_terraform_and_dynamodb_local_may_be_unfree(summary: Any) -> None:
    assert summary["unfree"] == ["dynamodb-local", "terraform"]


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_shells_have_what_linters_call_and_that_of_ci_no_more_than_it_needs(summary: Any, system: str) -> None:
    tools = {shell: set(names) for shell, names in summary["tools"][system].items()}
    linters = tomllib.loads((ROOT / ".ci/versions.toml").read_text())
    assert {*linters, "cargo-deny", "kubeconform", "terraform", "kubectl", "kubernetes-helm", "skopeo"} <= tools["ci"] < tools["default"]
    assert "k9s" not in tools["ci"]


def test_nix_fmt_gives_shfmt_every_file_of_bash(summary: Any) -> None:
    bash = re.compile(rb"#!.*\b(bash|bats|sh)\s|# shellcheck shell=")
    files = [file for file in tracked() if bash.match((ROOT / file).read_bytes()[:80])]
    assert {".ci/run", ".envrc", "docs/draw", "tests/helm/cluster", "tests/stages/helper.bash"} < set(files)
    patterns = [pattern.replace("**/", "*") for pattern in summary["bash"]]
    assert [file for file in files if not any(fnmatch(file, pattern) for pattern in patterns)] == []


def test_the_shell_prints_versions_and_stages_in_a_few_lines(summary: Any) -> None:
    printed = subprocess.run(["bash", "-c", summary["hook"]], check=True, capture_output=True, text=True).stdout.splitlines()
    assert printed[0].startswith("rustc 1.2.3, terraform 1.2.3")
    stages = sorted(name for name in summary["apps"]["x86_64-linux"] if name != "default")
    assert "".join(printed[1:]) == f"nix run .#<stage>: {' '.join(stages)}"
    assert len(printed) < 10 and max(map(len, printed)) <= 120


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_app_says_what_it_does_and_all_but_the_service_and_dev_are_built_at_once(
    summary: Any, build: Callable[..., Path], system: str
) -> None:
    stages = {program.name for program in build("packages.stages").glob("*/bin/*")}
    assert {*stages, "default", "dev"} == set(summary["apps"][system]) and "destroy-bootstrap" not in stages
    for name, app in summary["apps"][system].items():
        assert app["type"] == "app" and len(app["meta"]["description"]) > 10, name
        assert app["program"].endswith(f"/bin/{'backend-cloud-app' if name == 'default' else name}")


def test_every_script_is_run_by_a_stage_that_knows_its_name_and_what_the_caller_adds(build: Callable[..., Path]) -> None:
    scripts = {script.name for script in (ROOT / "nix/apps").glob("*.sh")} - {"lib.sh", "dev.sh"}
    for program in build("packages.stages").glob("*/bin/*"):
        scripts -= set(re.findall(r"[a-z-]+\.sh", program.read_text()))
        done = subprocess.run([program, "--help"], cwd=ROOT, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), program
        assert done.stdout.startswith(f"usage: {program.name}"), program
    assert not scripts
