"""Runs Nix on the recipes with stand-ins for nixpkgs and crane: no network, no flakes feature, a store of its own."""

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


@pytest.fixture(scope="session")
def nix(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
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
def evaluate(nix: Callable[..., str]) -> Callable[[str], Any]:
    """The value of an expression that knows `lib`, `build` and `recipe`, a file of nix/. Sources are copied into the store."""
    known = f'''let lib = import {HERE}/stand-in/lib.nix; build = import {HERE}/stand-in;
      recipe = name: import ({ROOT}/nix + "/${{name}}.nix"); in '''
    command = ["nix-instantiate", "--eval", "--strict", "--json", "--read-write-mode", "--expr"]
    return lambda expression: json.loads(nix(*command, known + expression))


@pytest.fixture(scope="session")
def build(nix: Callable[..., str]) -> Callable[..., Path]:
    """Really builds something of stand-in/default.nix."""
    return lambda what, *options: Path(nix("nix-build", "--no-out-link", HERE / "stand-in", "--attr", what, *options).split()[0])
