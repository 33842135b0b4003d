"""What the chart renders for production, with the objects of the Prometheus operator."""

from __future__ import annotations

import json
from typing import Any

from chart import MINIMUM, Manifests, render

VALUES = MINIMUM | {"environment": "prod", "metrics": {
    "serviceMonitor": {"enabled": True}, "prometheusRule": {"enabled": True}, "grafanaDashboard": {"enabled": True}}}


def production(namespace: str = "prod") -> Manifests:
    return render(VALUES, namespace=namespace)


def rules() -> list[dict[str, Any]]:
    return [rule for group in production().one("PrometheusRule")["spec"]["groups"] for rule in group["rules"]]


def queries(namespace: str = "prod") -> dict[tuple[str, str], str]:
    """What the dashboard asks, by panel and legend."""
    [dashboard] = map(json.loads, production(namespace).one("ConfigMap")["data"].values())
    return {(panel["title"], target["legendFormat"]): target["expr"] for panel in dashboard["panels"] for target in panel["targets"]}


def scaled_object() -> dict[str, Any]:
    values = {"scaledObject": {"enabled": True, "metricNamespace": "backend-cloud-app/prod"}}
    return render(VALUES, values, namespace="prod").one("ScaledObject")
