"""Every panel's query has data in a real Prometheus that scrapes the service, moves with load, and is changed by faults."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import rendered
from prometheus import Prometheus, prometheus
from scene import Pod, Scene

# What is zero while all is well.
QUIET = {"Errors", "Shed"}
# What a store that is slow, then silent, then down must change, with clients that give up and many that never ask.
CHANGED = {"Errors", "Latency", "Error budget left", "Burn rate", "Store latency (p99)", "Store calls", "Connections", "Shed"}


def test_every_panel_has_data_that_load_moves_and_faults_change(on: Scene, tmp_path: Path, kube_state_metrics: str) -> None:
    job = {"job_name": "kube-state-metrics", "honor_labels": True, "static_configs": [{"targets": [kube_state_metrics]}]}
    limits = {"MAX_CONCURRENT_REQUESTS": "4", "MAX_CONNECTIONS": "32"}
    pods = [on.pod(**limits), on.pod(**limits)]
    with prometheus(tmp_path, pods, job) as database:
        put_and_get(pods, seconds=12)
        healthy = answers(database)
        for (panel, legend), values in healthy.items():
            assert values, f"{panel}: {legend} has no data"
            assert any(values) != (panel in QUIET) or panel == "Burn rate", f"{panel}: {legend} is {values}"
        silent = [socket.create_connection(("127.0.0.1", pods[0].port)) for _ in range(40)]
        suffer(on, pods)
        suffered = answers(database)
        for connection in silent:
            connection.close()
    assert {panel for panel, _ in healthy} >= CHANGED
    for key, values in suffered.items():
        if key[0] in CHANGED and "limit" not in key[1]:
            assert values != healthy[key], f"{key} is still {values}"
    for panel in QUIET:
        assert all(any(values) for key, values in suffered.items() if key[0] == panel), panel


def answers(database: Prometheus) -> dict[tuple[str, str], list[float]]:
    return {key: database.ask(query) for key, query in rendered.queries().items()}


def put_and_get(pods: list[Pod], seconds: int) -> None:
    for _ in range(seconds * 2):
        for pod in pods:
            pod.put("ada")
            pod.requests(2)
        time.sleep(0.4)


def suffer(on: Scene, pods: list[Pod]) -> None:
    for fault in ("slow", "silent", "down"):
        on.store.fault = fault
        for _ in range(5):
            pods[0].requests(8, patience=0.3 if fault == "silent" else 30)
            time.sleep(0.2)
