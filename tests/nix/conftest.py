"""Runs Nix on the flake with stand-ins for its inputs: no network, no flakes feature, a store of its own."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

Nix = Callable[..., str]


@pytest.fixture(scope="session")
def nix(tmp_path_factory: pytest.TempPathFactory) -> Nix:
    """Runs a command of Nix and gives what it prints; a failure carries what Nix said."""
    store = tmp_path_factory.mktemp("nix").resolve()
    variables = {f"NIX_{name.upper()}_DIR": str(store / name) for name in ("store", "state", "log", "conf")}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            arguments, cwd=ROOT, env=os.environ | variables, capture_output=True, text=True, timeout=120
        )
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return done.stdout

    return run


@pytest.fixture(scope="session")
def summarise(nix: Nix) -> Callable[[str], Any]:
    """Gives summary.nix for a flake whose `self` has these attributes."""

    def run(self: str) -> Any:
        # Sources are copied into the store, where a test can look at them.
        command = ["nix-instantiate", "--eval", "--strict", "--json", "--read-write-mode"]
        return json.loads(nix(*command, str(HERE / "summary.nix"), "--arg", "self", self))

    return run


@pytest.fixture(scope="session")
def summary(summarise: Callable[[str], Any]) -> Any:
    return summarise("{ }")


@pytest.fixture(scope="session")
def realise(nix: Nix) -> Callable[..., list[Path]]:
    """Really builds what a Nix file describes, with the tools of PATH in place of nixpkgs."""

    def run(file: Path, *arguments: str) -> list[Path]:
        # Root builds as itself, since a fresh machine has no group of build users, and any machine builds for x86_64.
        where = ["--option", "sandbox", "false", "--option", "build-users-group", ""]
        where += ["--option", "extra-platforms", "x86_64-linux", "--option", "substituters", "", "--no-out-link"]
        return [Path(line) for line in nix("nix-build", *where, str(file), *arguments).split()]

    return run


@pytest.fixture(scope="session")
def build(realise: Callable[..., list[Path]]) -> Callable[..., Path]:
    """Really builds an output of the flake, of x86_64-linux, such as `packages.image`."""

    def run(output: str, *options: str) -> Path:
        return realise(HERE / "evaluate.nix", "--attr", output.replace(".", ".x86_64-linux.", 1), *options)[0]

    return run
