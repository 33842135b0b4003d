"""The workflows, and a repository of nothing else for the tools that read it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = {path.name: yaml.safe_load(path.read_text()) for path in (ROOT / ".github/workflows").glob("*.yaml")}


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, env=os.environ | {"GIT_CONFIG_GLOBAL": os.devnull})


def make_repository(folder: Path) -> None:
    """With names that act knows for the workflow's own repository, of which its jobs have no checkout at their start."""
    shutil.copytree(ROOT / ".github", folder / ".github")
    for path in (folder / ".github").rglob("*.yaml"):
        text = re.sub(r"uses: \$/\.github/actions/(.*)", r"uses: this/\1@checkout", path.read_text())
        path.write_text(text.replace("uses: $/", "uses: ./"))
    git(folder, "init", "--quiet")
