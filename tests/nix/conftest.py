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

# Root builds as itself, since a fresh machine has no group of build users, and any machine builds for x86_64.
CONFIG = "sandbox = false\nbuild-users-group =\nextra-platforms = x86_64-linux\nsubstituters ="

Nix = Callable[..., str]


@pytest.fixture(scope="session")
def nix(tmp_path_factory: pytest.TempPathFactory) -> Nix:
    """Runs a command of Nix and gives what it prints; a failure carries what Nix said."""
    store = tmp_path_factory.mktemp("nix").resolve()
    variables = {f"NIX_{name.upper()}_DIR": str(store / name) for name in ("store", "state", "log", "conf")}

    def run(*arguments: str | Path) -> str:
        env = os.environ | variables | {"NIX_CONFIG": CONFIG}
        done = subprocess.run(arguments, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return done.stdout

    return run


@pytest.fixture(scope="session")
def summarise(nix: Nix) -> Callable[[str], Any]:
    """Gives summary.nix for a flake whose `self` has these attributes."""
    # Sources are copied into the store, where a test can look at them.
    command = ["nix-instantiate", "--eval", "--strict", "--json", "--read-write-mode", HERE / "summary.nix"]
    return lambda self: json.loads(nix(*command, "--arg", "self", self))


@pytest.fixture(scope="session")
def summary(summarise: Callable[[str], Any]) -> Any:
    return summarise("{ }")


@pytest.fixture(scope="session")
def build(nix: Nix) -> Callable[..., Path]:
    """Really builds an output of the flake for x86_64-linux, such as `packages.image`, with the tools of PATH in place of nixpkgs."""

    def run(output: str, *options: str) -> Path:
        attribute = output.replace(".", ".x86_64-linux.", 1)
        return Path(nix("nix-build", "--no-out-link", HERE / "evaluate.nix", "--attr", attribute, *options).split()[0])

    return run
