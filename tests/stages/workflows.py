"""The workflows, and a repository of nothing else for the tools that read it."""

import os
import shutil
import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = {path.name: yaml.safe_load(path.read_text()) for path in (ROOT / ".github/workflows").glob("*.yaml")}


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, env=os.environ | {"GIT_CONFIG_GLOBAL": os.devnull})


def make_repository(folder: Path) -> None:
    """With the older name of the workflow's own repository: actionlint 1.7.12 and act do not know the newer one."""
    shutil.copytree(ROOT / ".github", folder / ".github")
    for path in (folder / ".github/workflows").glob("*.yaml"):
        path.write_text(path.read_text().replace("uses: $/", "uses: ./"))
    git(folder, "init", "--quiet")
