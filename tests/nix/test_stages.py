"""The stage commands: what `nix run .#<name>` runs is the script of the repository."""

import os
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import HERE, ROOT

PKGS = f'import {HERE}/stand-in/nixpkgs {{ system = "x86_64-linux"; config.allowUnfreePredicate = _: true; }}'


@pytest.fixture(scope="module")
def stages(realise: Callable[..., list[Path]]) -> dict[str, Path]:
    built = realise(ROOT / "nix/stages.nix", "--arg", "pkgs", PKGS, "--arg", "service", f"({PKGS}).jq")
    return {program.name: program for path in built for program in (path / "bin").iterdir()}


def test_every_stage_is_an_app_and_every_app_but_the_service_a_stage(summary: Any, stages: dict[str, Path]) -> None:
    assert sorted(summary["apps"]["x86_64-linux"]) == sorted(["default", *stages])
    assert {"build-image", "deploy-backend-local", "plan-aws", "deploy-dev", "destroy-prod", "status"} < set(stages)
    assert "destroy-bootstrap" not in stages


def test_every_script_of_the_repository_is_run_by_a_stage_with_what_the_caller_adds(stages: dict[str, Path]) -> None:
    scripts = {script.name for script in (ROOT / "nix/apps").glob("*.sh")} - {"lib.sh"}
    for program in stages.values():
        execute, bash, script, *_, rest = shlex.split(program.read_text().splitlines()[-1])
        assert (execute, bash, rest) == ("exec", "bash", "$@")
        original = ROOT / "nix/apps" / Path(script).name
        scripts.discard(original.name)
        assert Path(script).read_text() == original.read_text()
        assert os.access(original, os.X_OK), f"{original.name} is not executable, so it does not run without Nix"
    assert not scripts


def test_a_stage_knows_its_name_and_finds_the_code_that_all_share(stages: dict[str, Path]) -> None:
    for name, program in stages.items():
        done = subprocess.run([program, "--help"], cwd=ROOT, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), name
        assert done.stdout.startswith(f"usage: {name}"), name
