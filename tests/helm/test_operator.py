"""Under the Prometheus operator the service's series keep their labels.

The relabelling is what the operator's own code makes of the rendered ServiceMonitor, the metrics are the running service's, and
a real Prometheus puts the two together. A stand-in is only Kubernetes' discovery: its labels are given by hand.
"""

from __future__ import annotations

import json
import os
import subprocess
import urllib.parse
from pathlib import Path
from typing import Any

import pytest
import yaml
from chart import MINIMUM, render
from running import eventually, free_port, get, process, program

MONITORED = {"metrics": {"serviceMonitor": {"enabled": True}, "prometheusRule": {"enabled": True}}}


def scrape_config(monitor: dict[str, Any], override_honor_labels: bool) -> dict[str, Any]:
    """What the operator tells Prometheus to do for a ServiceMonitor."""
    version = subprocess.run(["prometheus", "--version"], capture_output=True, text=True).stdout.split()[2]
    env = os.environ | {"OVERRIDE_HONOR_LABELS": str(override_honor_labels).lower()}
    command = ["prometheus-operator-config", version.split("+")[0]]
    done = subprocess.run(command, input=json.dumps(monitor), env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    # The operator's sidecar fills in the shard, of which there is one.
    [config] = yaml.safe_load(done.stdout.replace("$(SHARD)", "0"))["scrape_configs"]
    return config


def discovered(service: dict[str, Any], address: str) -> dict[str, Any]:
    """A target with the labels that Kubernetes' discovery gives an endpoint of the Service."""
    labels = {
        "__meta_kubernetes_namespace": service["metadata"]["namespace"],
        "__meta_kubernetes_service_name": service["metadata"]["name"],
        "__meta_kubernetes_pod_name": "backend-0",
        "__meta_kubernetes_pod_phase": "Running",
        "__meta_kubernetes_pod_container_name": "backend",
        "__meta_kubernetes_endpoint_port_name": service["spec"]["ports"][0]["name"],
        "__meta_kubernetes_endpoint_address_target_kind": "Pod",
        "__meta_kubernetes_endpoint_address_target_name": "backend-0",
    }
    for name, value in service["metadata"]["labels"].items():
        name = name.replace(".", "_").replace("/", "_").replace("-", "_")
        labels |= {f"__meta_kubernetes_service_label_{name}": value, f"__meta_kubernetes_service_labelpresent_{name}": "true"}
    return {"targets": [address], "labels": labels}


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, str]]]:
    """The labels of `http_requests_total` in Prometheus, for each way that the service is scraped."""
    directory = tmp_path_factory.mktemp("prometheus")
    manifests = render(MINIMUM, MONITORED, release="blue")
    monitor = manifests.one("ServiceMonitor")
    plain = json.loads(json.dumps(monitor))
    del plain["spec"]["endpoints"][0]["relabelings"]
    configs = {
        "default": scrape_config(monitor, False),
        "override-honor-labels": scrape_config(monitor, True),
        "without-our-relabelling": scrape_config(plain, False),
    }
    port, prometheus = free_port(), free_port()
    for name, config in configs.items():
        del config["kubernetes_sd_configs"]
        target = discovered(manifests.one("Service"), f"127.0.0.1:{port}")
        config |= {"job_name": name, "scrape_interval": "1s", "static_configs": [target]}
        config["relabel_configs"].append({"target_label": "way", "replacement": name})
    (directory / "prometheus.yaml").write_text(yaml.safe_dump({"scrape_configs": list(configs.values())}))
    found: dict[str, list[dict[str, str]]] = {}

    def scraped() -> bool:
        status, text = get(prometheus, "/api/v1/query?" + urllib.parse.urlencode({"query": 'http_requests_total{method="GET"}'}))
        labels = [sample["metric"] for sample in json.loads(text)["data"]["result"]] if status == 200 else []
        found.update({name: [each for each in labels if each["way"] == name] for name in configs})
        return all(found.values())

    settings = {"BIND_ADDRESS": "127.0.0.1", "PORT": str(port), "STORE": "embedded", "DATA_DIR": str(directory / "data")}
    command = ["prometheus", f"--config.file={directory}/prometheus.yaml", f"--storage.tsdb.path={directory}/tsdb"]
    with process([program()], directory / "service.log", settings):
        with process([*command, f"--web.listen-address=127.0.0.1:{prometheus}"], directory / "prometheus.log"):
            eventually("the service answers", lambda: get(port, "/health")[0] == 200)
            eventually("each way is scraped", scraped)
    return found


@pytest.mark.parametrize("way", ["default", "override-honor-labels"])
def test_the_endpoint_is_the_route_and_the_job_is_the_rules_one(way: str, series: dict[str, list[dict[str, str]]]) -> None:
    assert "/health" in {labels["endpoint"] for labels in series[way]}
    for labels in series[way]:
        assert labels | {"job": "blue-backend", "namespace": "dev", "pod": "backend-0", "service": "blue-backend"} == labels
        # tests/observability attaches the same, and no others.
        attached = labels.keys() - {"__name__", "method", "endpoint", "status", "way"}
        assert attached == {"job", "namespace", "service", "pod", "container", "instance"}
    rules = render(MINIMUM, MONITORED, release="blue").one("PrometheusRule")
    assert 'job="blue-backend"' in json.dumps(rules).replace('\\"', '"')


def test_without_the_relabelling_the_operator_would_hide_it(series: dict[str, list[dict[str, str]]]) -> None:
    assert {labels["endpoint"] for labels in series["without-our-relabelling"]} == {"http"}
    assert "/health" in {labels["exported_endpoint"] for labels in series["without-our-relabelling"]}
