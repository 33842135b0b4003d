"""Renders the charts with the real Helm."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
BACKEND = ROOT / "helm/backend"
DYNAMODB_LOCAL = ROOT / "helm/dynamodb-local"
LOCAL = BACKEND / "values.local.yaml"
# What Terraform gives the release in dev: `terraform test` compares it with the release, tests/terraform with the other environments.
TERRAFORM = ROOT / "terraform/kubernetes/tests/backend_values.json"

# The oldest and the newest minor that EKS supports.
OLDEST, NEWEST = "1.34", "1.36"

# helm is the release that the development shell pins, helm4 the next major one.
HELMS = ("helm", "helm4")

# The least that the backend needs beside its defaults.
MINIMUM: dict[str, Any] = {"aws": {"accountId": "123456789012"}}

# Values documents of the backend that have to work.
DOCUMENTS: dict[str, Path | dict[str, Any]] = {"default": MINIMUM, "local": LOCAL, "terraform": TERRAFORM}
EVERY_DOCUMENT = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)


class Manifests(list[dict[str, Any]]):
    """What a chart renders."""

    def of(self, kind: str) -> Iterator[dict[str, Any]]:
        return (manifest for manifest in self if manifest["kind"] == kind)

    def one(self, kind: str, name: str | None = None) -> dict[str, Any]:
        [found] = (m for m in self.of(kind) if name in (None, m["metadata"]["name"]))
        return found

    def pod(self) -> dict[str, Any]:
        return self.one("Deployment")["spec"]["template"]["spec"]

    def container(self) -> dict[str, Any]:
        return self.pod()["containers"][0]

    def env(self, container: dict[str, Any] | None = None) -> dict[str, str]:
        return {variable["name"]: variable["value"] for variable in (container or self.container())["env"]}

    def pods(self) -> list[dict[str, Any]]:
        """The server's, and that of `helm test`."""
        return [self.pod(), self.one("Pod")["spec"]]


def render(*values: Path | dict[str, Any], **options: Any) -> Manifests:
    """Renders a chart with values files and documents, the later over the earlier: options as _template has them."""
    return Manifests(yaml.safe_load_all(text_of(*values, **options)))


def text_of(*values: Path | dict[str, Any], **options: Any) -> str:
    """What `helm template` prints."""
    # JSON, which leaves no doubt what is a string.
    return _template(*(v.read_text() if isinstance(v, Path) else json.dumps(v) for v in values), **options)


@cache
def _template(
    *texts: str, chart: Path = BACKEND, release: str = "", namespace: str = "dev",
    helm: str = "helm", kube_version: str = OLDEST,
) -> str:
    command = [helm, "template", release or chart.name, chart, "--namespace", namespace, "--kube-version", kube_version]
    with TemporaryDirectory() as directory:
        for number, text in enumerate(texts):
            file = Path(directory, f"{number}.yaml")
            file.write_text(text)
            command += ["--values", file]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return done.stdout
