"""A real Prometheus with the chart's rules, which scrapes under the labels that the Prometheus operator attaches."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import rendered
import yaml
from running import eventually, free_port, get, process
from scene import Pod

# What the operator attaches to a target of our ServiceMonitor, beside the pod's own two.
TARGET = {"job": "backend", "namespace": "prod", "service": "backend", "container": "backend"}


def target(number: int) -> dict[str, str]:
    return TARGET | {"pod": f"backend-{number}", "instance": f"10.0.0.{number}:8888"}


@contextmanager
def prometheus(directory: Path, pods: list[Pod], *jobs: dict[str, Any]) -> Iterator[Prometheus]:
    targets = [{"targets": [f"127.0.0.1:{pod.port}"], "labels": target(number)} for number, pod in enumerate(pods)]
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": ["rules.yaml"],
        "scrape_configs": [{"job_name": "backend", "static_configs": targets}, *jobs],
    }
    (directory / "rules.yaml").write_text(yaml.safe_dump(rendered.production().one("PrometheusRule")["spec"]))
    (directory / "prometheus.yaml").write_text(yaml.safe_dump(config))
    port = free_port()
    command = ["prometheus", f"--config.file={directory}/prometheus.yaml", f"--storage.tsdb.path={directory}/prometheus",
               f"--web.listen-address=127.0.0.1:{port}"]
    with process(command, directory / "prometheus.log"):
        eventually("Prometheus is ready", lambda: get(port, "/-/ready")[0] == 200)
        yield Prometheus(port)


class Prometheus:
    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, query: str) -> list[float]:
        """What a panel would show of every series: no number (a quantile of nothing) is a gap."""
        query = query.replace("$__rate_interval", "10s")
        answer = json.loads(get(self.port, "/api/v1/query?" + urlencode({"query": query}))[1])
        return [value for sample in answer["data"]["result"] if isfinite(value := float(sample["value"][1]))]

    def firing(self) -> set[str]:
        answer = json.loads(get(self.port, "/api/v1/alerts")[1])
        return {alert["labels"]["alertname"] for alert in answer["data"]["alerts"] if alert["state"] == "firing"}
