"""Under the Prometheus operator the service's series keep their labels: a target's label of the same name would rename them.

The relabelling is what the operator's own code makes of the rendered ServiceMonitor, and promtool says what becomes of a target.
A stand-in is only Kubernetes' discovery: its labels are given by hand.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from chart import MINIMUM, render

MANIFESTS = render(MINIMUM, {"metrics": {"serviceMonitor": {"enabled": True}, "prometheusRule": {"enabled": True}}}, release="blue")


def discovered(service: dict[str, Any]) -> dict[str, str]:
    """The labels that Kubernetes' discovery gives an endpoint of the Service."""
    labels = {
        "namespace": service["metadata"]["namespace"],
        "service_name": service["metadata"]["name"],
        "pod_name": "backend-0",
        "pod_phase": "Running",
        "pod_container_name": "backend",
        "endpoint_port_name": service["spec"]["ports"][0]["name"],
        "endpoint_address_target_kind": "Pod",
        "endpoint_address_target_name": "backend-0",
    }
    for name, value in service["metadata"]["labels"].items():
        name = name.replace(".", "_").replace("/", "_").replace("-", "_")
        labels |= {f"service_label_{name}": value, f"service_labelpresent_{name}": "true"}
    return {f"__meta_kubernetes_{name}": value for name, value in labels.items()}


def target(override_honor_labels: bool, directory: Path) -> dict[str, str]:
    """The labels that Prometheus attaches to every series of a pod, as the operator tells it to."""
    version = subprocess.check_output(["promtool", "--version"], text=True).split()[2]
    env = os.environ | {"OVERRIDE_HONOR_LABELS": str(override_honor_labels).lower()}
    command = ["prometheus-operator-config", version.split("+")[0]]
    text = subprocess.check_output(command, input=json.dumps(MANIFESTS.one("ServiceMonitor")), env=env, text=True)
    # The operator's sidecar fills in the shard, of which there is one.
    [config] = yaml.safe_load(text.replace("$(SHARD)", "0"))["scrape_configs"]
    assert "metric_relabel_configs" not in config, "promtool does not tell what these do"
    del config["kubernetes_sd_configs"]
    config["static_configs"] = [{"targets": ["10.0.0.1:8888"], "labels": discovered(MANIFESTS.one("Service"))}]
    (directory / "prometheus.yaml").write_text(yaml.safe_dump({"scrape_configs": [config]}))
    command = ["promtool", "check", "service-discovery", "--timeout=1s", directory / "prometheus.yaml", config["job_name"]]
    [found] = json.loads(subprocess.check_output(command))
    return {name: value for name, value in found["labels"].items() if not name.startswith("__")}


@pytest.mark.parametrize("override_honor_labels", [False, True])
def test_no_label_of_a_target_is_one_of_the_service_s_and_the_job_is_the_rules_one(override_honor_labels: bool, tmp_path: Path) -> None:
    # tests/observability attaches the same, and no others.
    assert target(override_honor_labels, tmp_path) == {
        "job": "blue-backend", "namespace": "dev", "service": "blue-backend", "pod": "backend-0", "container": "backend",
        "instance": "10.0.0.1:8888"}
    assert 'job=\\"blue-backend\\"' in json.dumps(MANIFESTS.one("PrometheusRule"))
