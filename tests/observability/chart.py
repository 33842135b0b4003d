"""What the chart renders for production, with the objects of the Prometheus operator."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from typing import Any

import yaml
from running import ROOT

VALUES = {"environment": "prod", "aws": {"accountId": "123456789012"}, "metrics": {
    "serviceMonitor": {"enabled": True}, "prometheusRule": {"enabled": True}, "grafanaDashboard": {"enabled": True}}}

SCALED = VALUES | {"scaledObject": {"enabled": True, "metricNamespace": "backend-cloud-app/prod"}}


@cache
def _rendered(values: str, namespace: str) -> list[dict[str, Any]]:
    command = ["helm", "template", "backend", ROOT / "helm/backend", "--namespace", namespace, "--kube-version", "1.36", "--values", "-"]
    return list(yaml.safe_load_all(subprocess.run(command, input=values, check=True, capture_output=True, text=True).stdout))


def one(kind: str, values: dict[str, Any] = VALUES, namespace: str = "prod") -> dict[str, Any]:
    (found,) = (document for document in _rendered(json.dumps(values), namespace) if document["kind"] == kind)
    return found


def rules() -> list[dict[str, Any]]:
    return [rule for group in one("PrometheusRule")["spec"]["groups"] for rule in group["rules"]]


def queries(namespace: str = "prod") -> dict[tuple[str, str], str]:
    """What the dashboard asks, by panel and legend."""
    (dashboard,) = (json.loads(text) for text in one("ConfigMap", namespace=namespace)["data"].values())
    return {(panel["title"], target["legendFormat"]): target["expr"] for panel in dashboard["panels"] for target in panel["targets"]}
