"""The recipes that read the repository: which files a check gets, which scripts are stages, which files are formatted."""

import json
import os
import re
import subprocess
import tomllib
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

Evaluate = Callable[[str], Any]


def tracked(*patterns: str) -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    found = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    return [file for file in found if (ROOT / file).is_file()]


@pytest.fixture(scope="module")
def sources(evaluate: Evaluate) -> dict[str, Path]:
    return {name: Path(source) for name, source in evaluate('recipe "sources" { inherit lib; }').items()}


def test_the_lock_pins_every_input_and_no_other(evaluate: Evaluate) -> None:
    lock = json.loads((ROOT / "flake.lock").read_text())
    assert list(lock["nodes"]["root"]["inputs"]) == evaluate(f"builtins.attrNames (import {ROOT}/flake.nix).inputs")


def test_only_files_of_the_service_rebuild_the_service(sources: dict[str, Path]) -> None:
    files = {str(file.relative_to(sources["rust"])) for file in sources["rust"].rglob("*") if file.is_file()}
    settings = ["Cargo.toml", "Cargo.lock", "clippy.toml", "deny.toml", "openapi.json", "rustfmt.toml"]
    assert files == {*tracked("src", "examples", "tests/**.rs"), *settings}


def test_the_check_of_terraform_is_given_every_file_that_it_reads(sources: dict[str, Path], tmp_path: Path) -> None:
    subprocess.run(["cp", "--recursive", "--no-preserve=mode", sources["terraform"], tmp_path / "source"], check=True)
    # A Terraform that is content with everything.
    (tmp_path / "terraform").symlink_to("/bin/true")
    env = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(["bash", "tests/terraform/run", "test"], cwd=tmp_path / "source", env=env, check=True, capture_output=True)


def test_a_linter_of_another_version_than_the_lock_s_fails_the_check(evaluate: Evaluate) -> None:
    def checked(locked: dict[str, str]) -> str:
        packages = f"builtins.mapAttrs (_: version: {{ inherit version; }}) (builtins.fromJSON ''{json.dumps(locked)}'')"
        return evaluate(f'recipe "versions" {{ pkgs = {packages} // {{ inherit lib; writeText = _: text: text; }}; }}')

    # A version of the table may be short, so the lock's may say more.
    locked = {name: f"{version}.9" for name, version in tomllib.loads((ROOT / ".ci/versions.toml").read_text()).items()}
    assert f"shellcheck {locked['shellcheck']}\n" in checked(locked)
    with pytest.raises(AssertionError, match=r"\.ci/versions\.toml: statix is [0-9.]+, and 0\.0\.1 in the lock"):
        checked(locked | {"statix": "0.0.1"})


def test_every_file_of_bash_is_linted_and_formatted(evaluate: Evaluate, sources: dict[str, Path]) -> None:
    bash = re.compile(rb"#!.*\b(bash|bats|sh)\s|# shellcheck shell=")
    files = [file for file in tracked() if bash.match((ROOT / file).read_bytes()[:80])]
    assert {".ci/run", ".envrc", "docs/draw", "tests/helm/cluster", "tests/stages/helper.bash"} < set(files)
    assert [file for file in files if not (sources["shell"] / file).is_file()] == []
    patterns = evaluate('(recipe "formatter" { pkgs.treefmt.withConfig = made: made.settings; }).formatter.shell.includes')
    # Two stars are any number of folders, and none.
    patterns = [pattern.replace("**/", folders) for pattern in patterns for folders in ("", "*/")]
    assert [file for file in files if not any(fnmatch(file, pattern) for pattern in patterns)] == []


def test_every_script_is_run_by_a_stage_that_knows_its_name_and_takes_what_the_caller_adds(evaluate: Evaluate) -> None:
    pkgs = "{ inherit lib; writeShellApplication = stage: { inherit (stage) text meta; }; }"
    stages = evaluate(f'recipe "stages" {{ pkgs = {pkgs}; service = null; }}')
    assert {"build-image", "plan-aws", "deploy-dev", "destroy-prod"} < set(stages) and "destroy-bootstrap" not in stages
    scripts = {script.name for script in (ROOT / "nix/apps").glob("*.sh")} - {"lib.sh"}
    for name, stage in stages.items():
        assert len(stage["meta"]["description"]) > 10, name
        scripts -= set(re.findall(r"[a-z-]+\.sh", stage["text"]))
        done = subprocess.run(["bash", "-c", stage["text"], name, "--help"], cwd=ROOT, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), name
        assert done.stdout.startswith(f"usage: {name}") and "--dry-run" in done.stdout, name
    assert not scripts
