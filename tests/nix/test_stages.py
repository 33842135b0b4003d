"""The stage commands: each program that the flake makes runs the script of the repository."""

import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conftest import HERE, ROOT

PKGS = f'import {HERE}/stand-in/nixpkgs {{ system = "x86_64-linux"; }}'


def test_a_stage_runs_its_script_with_the_arguments_of_the_table_and_of_the_caller(
    summary: Any, build: Callable[..., Path]
) -> None:
    for name, app in summary["apps"]["x86_64-linux"].items():
        if name == "default":
            continue
        program = build(name, file="../../nix/stages.nix", argument=("pkgs", PKGS)) / "bin" / name
        assert str(program) == app["program"]
        command = shlex.split(program.read_text().splitlines()[-1])
        assert command[:2] == ["exec", "bash"] and command[-1] == "$@"
        script = Path(command[2])
        original = ROOT / "nix" / "apps" / script.name
        assert script.read_text() == original.read_text()
        assert original.stat().st_mode & 0o100, f"{script.name} is not executable, so it does not run without Nix"
        subprocess.run(["bash", "-n", str(program)], check=True)
