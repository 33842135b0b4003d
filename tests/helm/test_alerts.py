"""The alerts do what they say, and on metrics that the service has."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from chart import ROOT, VALUES, render


@pytest.fixture
def spec() -> dict[str, Any]:
    return render(VALUES / "prod.yaml", namespace="prod").one("PrometheusRule")["spec"]


def test_the_alerts_fire_when_they_should_and_only_then(spec: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(spec))
    shutil.copy(Path(__file__).parent / "alerts_test.yaml", tmp_path)
    for command in (["check", "rules", "rules.yaml"], ["test", "rules", "alerts_test.yaml"]):
        done = subprocess.run(["promtool", *command], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_metric_of_the_alerts_is_one_of_the_service(spec: dict[str, Any]) -> None:
    expressions = " ".join(rule["expr"] for group in spec["groups"] for rule in group["rules"])
    used = set(re.findall(r"\b([a-z_]+)\{ *job=", expressions)) - {"up"}
    source = (ROOT / "src/metrics.rs").read_text()
    assert len(used) == 5
    for metric in used:
        assert f'"{re.sub("_(bucket|count)$", "", metric)}"' in source, metric


def test_the_latency_objective_is_a_bucket_of_the_histogram(spec: dict[str, Any]) -> None:
    expressions = " ".join(rule["expr"] for group in spec["groups"] for rule in group["rules"])
    buckets = re.search(r"BUCKETS[^=]*= \[([^]]+)]", (ROOT / "src/metrics.rs").read_text())
    assert buckets
    assert set(re.findall(r'le="([0-9.]+)"', expressions)) <= set(buckets[1].split(", "))
