"""What arrives in CloudWatch is true: the collector's real receiver, processors and exporter, as Terraform configures them.

CloudWatch Logs is moto's. What CloudWatch makes of an event is read by the embedded metric format's specification. Of the
configuration, only where pods are found and how often, and the address of CloudWatch, are replaced.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import rendered
import terraform
from cloudwatch import NAMESPACE, aws, cloudwatch
from running import eventually, free_port, process
from scene import CREDENTIALS, Proxy, Scene

HELLO = ("endpoint", "/hello/{username}")
GROUP = "/aws/eks/prod-eks-cluster/metrics"
ENV = os.environ | CREDENTIALS | {"MY_POD_IP": "127.0.0.1"}


class Collector:
    """The collector, and what it has sent to CloudWatch."""

    def __init__(self, stack: ExitStack, directory: Path, kube_state_metrics: str) -> None:
        self.directory = directory
        self.cloudwatch = stack.enter_context(cloudwatch(directory))
        self.config = terraform.evaluate("local.collector_config", "terraform/kubernetes/collector_config.tf", directory, kube_state_metrics)
        as_rendered = directory / "as-rendered.json"
        as_rendered.write_text(json.dumps(self.config))
        subprocess.run(["collector", "validate", "--config", as_rendered], env=ENV, check=True)

    def start(self, targets: list[int]) -> Any:
        backend, kube = self.config["receivers"]["prometheus"]["config"]["scrape_configs"]
        backend.pop("kubernetes_sd_configs", None)
        labels = {"pod_label_app_kubernetes_io_name": "backend", "pod_container_port_name": "http"}
        backend["static_configs"] = [
            {"targets": [f"127.0.0.1:{port}"], "labels": {f"__meta_kubernetes_{key}": value for key, value in (
                labels | {"pod_name": f"backend-{number}", "pod_phase": "Running" if number < 3 else "Failed"}).items()}}
            for number, port in enumerate([*targets, targets[0]])]
        backend["scrape_interval"] = kube["scrape_interval"] = "1s"
        self.config["exporters"]["awsemf"]["endpoint"] = self.cloudwatch
        self.config["extensions"]["health_check"]["endpoint"] = f"127.0.0.1:{free_port()}"
        file = self.directory / "collector.json"
        file.write_text(json.dumps(self.config))
        return process(["collector", "--config", str(file)], self.directory / "collector.log", ENV)

    def samples(self) -> dict[tuple[str, tuple[tuple[str, str], ...]], list[Any]]:
        """What CloudWatch makes of the events: by metric and dimensions, every value."""
        logs = aws("logs", self.cloudwatch)
        if not logs.describe_log_groups()["logGroups"]:
            return {}
        found: dict[Any, list[Any]] = defaultdict(list)
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP)
        for event in (json.loads(event["message"]) for page in pages for event in page["events"]):
            assert "_aws" in event, f"an event that no metric is made of: {event}"
            for directive in event["_aws"]["CloudWatchMetrics"]:
                assert directive["Namespace"] == NAMESPACE
                for dimensions in directive["Dimensions"]:
                    for metric in directive["Metrics"]:
                        found[metric["Name"], tuple((name, event[name]) for name in sorted(dimensions))].append(event[metric["Name"]])
        return found

    def gauge(self, pod: int) -> list[float]:
        return self.samples()["http_requests_in_flight", (("pod", f"backend-{pod}"),)]

    def total(self, name: str, *dimensions: tuple[str, str], field: str = "") -> float:
        values = self.samples().get((name, tuple(sorted(dimensions))), [])
        return sum(value[field] if field else value for value in values)


def test_it_is_configured_well_and_figures_arrive_once_and_whole(on: Scene, tmp_path: Path, kube_state_metrics: str) -> None:
    collector = Collector(on.stack, tmp_path, kube_state_metrics)
    pods = [on.pod(), on.pod()]
    late = Proxy(free_port())
    late.fault = "down"
    pods[0].requests(7)  # Before the collector: not its to tell.
    with collector.start([pods[0].port, pods[1].port, late.port]):
        eventually("the first scrape arrives", lambda: collector.samples())
        time.sleep(2.5)

        # Counts and sums: each request once, however many scrapes follow.
        pods[0].requests(10)
        on.store.fault = "slow"
        pods[1].requests(5)
        arrives(collector, 15, "http_requests_total", HELLO)
        arrives(collector, 15, "http_requests_total", HELLO, ("method", "GET"))
        arrives(collector, 15, "http_request_duration_seconds", HELLO, ("method", "GET"), field="Count")
        slow = collector.total("http_request_duration_seconds", HELLO, ("method", "GET"), field="Sum")
        assert 5 * 0.4 <= slow < 5 * 2 + 10 * 1

        # Clients that left, and the first error of a series.
        on.store.fault = "silent"
        assert pods[0].requests(2, patience=0.5) == [499, 499]
        on.store.fault = "down"
        assert pods[0].requests(1) == [503]
        arrives(collector, 1, "http_errors_total", HELLO, ("status", "503"))
        arrives(collector, 2, "http_errors_total", HELLO, ("status", "499"))
        arrives(collector, 2, "store_operation_duration_seconds", ("operation", "get"), ("outcome", "cancelled"), field="Count")

        # A pod that is younger than the collector: also what it served before its first scrape.
        on.store.fault = ""
        young = on.pod()
        young.requests(4)
        late.upstream, late.fault = young.port, ""
        arrives(collector, 15 + 3 + 4, "http_requests_total", HELLO)

        # A scrape that fails: what the pod has counted since its start is not news after it.
        late.fault = "down"
        time.sleep(2.5)
        late.fault = ""

        # Gauges by pod; a scrape is in flight itself.
        seen = {pod: len(collector.gauge(pod)) for pod in (0, 1, 2)}
        on.store.fault = "slow"
        for _ in range(4):
            pods[0].requests(6)
        on.store.fault = ""
        assert [max(collector.gauge(pod)[seen[pod]:]) for pod in (0, 1, 2)] == [6 + 1, 1, 1]
        arrives(collector, 22 + 24, "http_requests_total", HELLO)
        arrives_as_asked_for(collector)

    # A collector that is started again counts nothing twice.
    scrapes = len(collector.gauge(1))
    with collector.start([pods[0].port, pods[1].port, late.port]):
        eventually("its first scrape arrives", lambda: len(collector.gauge(1)) > scrapes)
        pods[1].requests(3)
        arrives(collector, 46 + 3, "http_requests_total", HELLO)


def arrives(collector: Collector, wanted: float, name: str, *dimensions: tuple[str, str], field: str = "") -> None:
    eventually(f"{name} {dimensions} is {wanted}, not {collector.total(name, *dimensions, field=field)}",
               lambda: collector.total(name, *dimensions, field=field) >= wanted)
    time.sleep(2.5)
    assert collector.total(name, *dimensions, field=field) == wanted


def arrives_as_asked_for(collector: Collector) -> None:
    """By name and by the value of every dimension: what the dashboard and KEDA ask CloudWatch for, and no series but those."""
    arrived = {(name, tuple((key, "*" if key == "pod" else value) for key, value in dimensions)) for name, dimensions in collector.samples()}
    widgets = terraform.evaluate("local.widgets", "terraform/dns/dashboard.tf", collector.directory).values()
    trigger = rendered.scaled_object()["spec"]["triggers"][0]["metadata"]
    assert trigger["namespace"] == NAMESPACE
    assert arrived == {series for widget in widgets for metric in widget["metrics"] for series in asked(metric)} | {
        (trigger["metricName"], ((trigger["dimensionName"], trigger["dimensionValue"]),))}


def asked(metric: list[Any]) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """A row of a widget: names and values, or a search for any value, or arithmetic on other rows; the load balancer's is not ours."""
    if metric[0] == NAMESPACE:
        name, *words = (word for word in metric[1:] if isinstance(word, str))
        return [(name, tuple(sorted(zip(words[::2], words[1::2]))))]
    search = re.search(rf'SEARCH\(\'{{"{NAMESPACE}",(\w+)}} MetricName="(\w+)"', str(metric[0]).replace("\\", ""))
    return [(search[2], ((search[1], "*"),))] if search else []
