"""What the flake offers, on every system."""

import json
import os
import re
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import HERE, ROOT, Nix

SYSTEMS = ["aarch64-darwin", "aarch64-linux", "x86_64-linux"]


def tracked(*patterns: str) -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()


def test_the_lock_pins_every_input_and_no_other(summary: Any) -> None:
    assert list(summary["locked"]) == summary["inputs"] == ["crane", "nixpkgs"]


def test_every_kind_of_output_is_there_for_every_system(summary: Any) -> None:
    assert summary["outputs"] == ["apps", "checks", "devShells", "formatter", "overlays", "packages"]
    assert summary["overlay"] == ["backend-cloud-app"]
    for kind in ("apps", "checks", "shells", "formatter", "packages"):
        assert sorted(summary[kind]) == SYSTEMS, kind


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_system_builds_the_service_both_images_and_their_index(summary: Any, system: str) -> None:
    packages = summary["packages"][system]
    assert set(packages) == {"default", "image", "image-aarch64-linux", "image-x86_64-linux", "oci-index", "stages"}
    assert packages["image"] == packages[f"image-{system.split('-')[0]}-linux"]
    assert summary["mainProgram"][system] == "backend-cloud-app"


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_checks_cover_code_image_chart_infrastructure_and_workflows(summary: Any, system: str) -> None:
    expected = {"package", "clippy", "fmt", "doc", "tests", "deny", "nixfmt", "statix", "deadnix", "shellcheck",
                "chart", "terraform", "tflint", "actionlint", "zizmor", "versions", "image"}  # fmt: skip
    assert set(summary["checks"][system]) == expected


@pytest.mark.parametrize("system", SYSTEMS)
def test_checks_of_rust_share_one_build_of_the_dependencies(summary: Any, system: str) -> None:
    cargo = summary["cargo"][system]
    shared = {cargo[name]["artifacts"] for name in ("clippy", "doc", "tests")}
    assert len(shared) == 1 and "-deps-" in shared.pop()
    assert len({cargo[name]["source"] for name in ("clippy", "doc", "tests", "fmt", "deny")}) == 1


def test_only_files_of_the_service_rebuild_the_service(summary: Any) -> None:
    source = Path(summary["cargo"]["x86_64-linux"]["clippy"]["source"])
    files = {str(file.relative_to(source)) for file in source.rglob("*") if file.is_file()}
    settings = ["Cargo.toml", "Cargo.lock", "clippy.toml", "deny.toml", "openapi.json", "rustfmt.toml"]
    assert files == {*tracked("src", "examples", "tests/**.rs"), *settings}


@pytest.mark.parametrize("system", SYSTEMS)
def test_warnings_fail_clippy_and_doc_and_deny_leaves_out_only_the_advisories(summary: Any, system: str) -> None:
    cargo = summary["cargo"][system]
    assert cargo["clippy"]["command"] == "--all-targets -- --deny warnings"
    assert cargo["doc"]["environment"]["RUSTDOCFLAGS"] == "--deny warnings"
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


@pytest.fixture(scope="module")
def bash_files() -> set[str]:
    bash = re.compile(rb"#!.*\b(bash|bats|sh)\s|# shellcheck shell=")
    found = {file for file in tracked("*") if (ROOT / file).is_file() and bash.match((ROOT / file).read_bytes()[:80])}
    assert {".ci/run", ".envrc", "docs/draw", "tests/helm/cluster", "tests/stages/helper.bash"} < found
    return found


def test_every_file_of_bash_is_linted(summary: Any, bash_files: set[str], tmp_path: Path) -> None:
    # As the flake's check does it, with a linter that only says what it was given.
    (tmp_path / "shellcheck").write_text('#!/bin/sh\nfor file; do [ ! -f "$file" ] || echo "$file"; done\n')
    (tmp_path / "shellcheck").chmod(0o755)
    done = subprocess.run(
        ["bash", ".ci/lint", "shellcheck"], cwd=summary["shell"], check=True, capture_output=True, text=True,
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )  # fmt: skip
    # The libraries of the stages are read with the stages that source them.
    libraries = {file for file in bash_files if file.startswith("nix/apps/lib/")}
    assert {line.removeprefix("./") for line in done.stdout.split()} == bash_files - libraries
    sourced = {line.split("source=")[1] for file in tracked("nix/apps/*.sh") for line in (ROOT / file).read_text().splitlines()
               if line.strip().startswith("# shellcheck source=nix/apps/lib")}  # fmt: skip
    assert libraries <= sourced


def test_a_linter_of_another_version_than_the_lock_s_fails_the_check(nix: Nix) -> None:
    pkgs = f'import {HERE}/stand-in/nixpkgs {{ system = "x86_64-linux"; }}'
    expression = f"(import {ROOT}/nix/versions.nix {{ pkgs = {pkgs} // {{ statix.version = \"0.5.9\"; }}; }}).drvPath"
    with pytest.raises(AssertionError, match=r"\.ci/versions\.toml: statix is 0\.5\.8, and 0\.5\.9 in the lock"):
        nix("nix-instantiate", "--eval", "--expr", expression)


def test_the_check_of_terraform_is_given_every_file_that_it_reads(
    build: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A Terraform that is content with everything.
    (tmp_path / "terraform").symlink_to("/bin/true")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    build("checks.terraform")


def test_only_terraform_and_dynamodb_local_may_be_unfree(summary: Any) -> None:
    assert summary["unfree"] == ["dynamodb-local", "terraform"]


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_shell_has_what_stages_and_linters_call_and_that_of_ci_no_more_than_it_needs(summary: Any, system: str) -> None:
    tools = {shell: set(names) for shell, names in summary["tools"][system].items()}
    linters = tomllib.loads((ROOT / ".ci/versions.toml").read_text())
    assert {*linters, "cargo-deny", "kubeconform", "terraform", "kubectl", "kubernetes-helm", "skopeo"} <= tools["ci"]
    # Those of Rust come with the shell, by crane.
    assert {*summary["called"][system], *tools["ci"]} - {"", "cargo", "rustc"} <= tools["default"]
    # What people call besides: docs/draw, bench/run, the chart's README.
    people = {"graphviz", "helm-docs", "k9s", "kubectx", "openssl", "rust-analyzer", "wrk"}
    assert tools["default"] - tools["ci"] - set(summary["called"][system]) == people


def test_nix_fmt_gives_each_formatter_all_files_of_its_language(summary: Any, bash_files: set[str], tmp_path: Path) -> None:
    formatter = summary["formatter"]["x86_64-linux"]
    tables = formatter["formatter"]
    assert {table["command"] for table in tables.values()} == set(formatter["tools"])
    lines = [f"[formatter.{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
             for name, table in tables.items()]  # fmt: skip
    (tmp_path / "treefmt.toml").write_text("\n".join(lines))
    # Formatters that only say what they were given, last the files.
    for table in tables.values():
        (tmp_path / table["command"]).write_text('#!/bin/sh\nprintf "%s\\n" "$@" >> "$0.files"\n')
        (tmp_path / table["command"]).chmod(0o755)
    command = ["treefmt", "--config-file", tmp_path / "treefmt.toml", "--tree-root", ROOT, "--no-cache", "--on-unmatched=info"]
    subprocess.run(command, check=True, env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    expected = {
        "nixfmt": set(tracked("*.nix")), "rustfmt": set(tracked("*.rs")), "shfmt": bash_files,
        "terraform": set(tracked("*.tf", "*.tfvars", "*.tftest.hcl")),
    }  # fmt: skip
    for program, files in expected.items():
        given = (tmp_path / f"{program}.files").read_text().split()
        assert {each for each in given if (ROOT / each).is_file()} == {file for file in files if (ROOT / file).is_file()}, program


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_shell_prints_versions_and_stages_in_a_few_lines(summary: Any, system: str) -> None:
    hook = summary["hooks"][system]
    printed = subprocess.run(["bash", "-c", hook], check=True, capture_output=True, text=True).stdout.splitlines()
    assert printed[0].startswith("rustc 1.2.3, terraform 1.2.3")
    stages = sorted(name for name in summary["apps"][system] if name != "default")
    assert "".join(printed[1:]) == f"nix run .#<stage>: {' '.join(stages)}"
    assert len(printed) < 10 and max(map(len, printed)) <= 120


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_stage_is_an_app_that_says_what_it_does(summary: Any, system: str) -> None:
    apps = summary["apps"][system]
    assert "build-image" in apps
    assert apps["default"]["program"].endswith("/bin/backend-cloud-app")
    for name, app in apps.items():
        assert app["type"] == "app"
        assert len(app["meta"]["description"]) > 10, name
        assert name == "default" or app["program"].endswith(f"/bin/{name}")
