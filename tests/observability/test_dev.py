"""`nix run .#dev` without Nix: the whole stack comes up, has data, alerts on a fault, and goes at Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import chart
from prometheus import Prometheus
from scene import ROOT, dynalite, eventually, free_port, get, listening, program

# No autoscaler on a laptop; and at the light load none of these is there.
ABSENT = {"Replicas"}


@contextmanager
def dev(directory: Path, *options: str) -> Iterator[tuple[Prometheus, int]]:
    """The stack; the service that is on PATH is the one that the tests build."""
    (directory / "bin").mkdir()
    (directory / "bin/backend-cloud-app").symlink_to(program())
    (directory / "bin/dynalite").symlink_to(dynalite())
    ports = {name: free_port() for name in ("port", "prometheus-port", "dynamodb-port")}
    command = [ROOT / "nix/apps/dev.sh", *options, *(f"--{name}={port}" for name, port in ports.items())]
    env = os.environ | {"PATH": f"{directory}/bin:{os.environ['PATH']}"}
    with (directory / "dev.log").open("w") as log:
        stack = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        eventually("it tells its URLs", lambda: "prometheus  http" in (directory / "dev.log").read_text(), 90)
        yield Prometheus(ports["prometheus-port"]), ports["port"]
    finally:
        stack.send_signal(signal.SIGINT)
        assert stack.wait(60) == 130
    assert not any(listening(port) for port in ports.values()), "Ctrl-C ends all"


def test_panels_have_data_and_no_alert_fires(tmp_path: Path) -> None:
    with dev(tmp_path, "--load") as (database, port):
        assert get(port, "/hello/ada")[0] == 200
        time.sleep(15)
        for (panel, legend), query in chart.queries("dev").items():
            assert database.ask(query) or panel in ABSENT, f"{panel}: {legend} has no data"
        assert not database.firing()
    first = (tmp_path / "dev.log").read_text().splitlines()
    assert "dev: dynalite stands in for DynamoDB Local, which is not installed" in first[:2]


def test_the_stores_alert_fires_within_two_minutes_of_its_fault(tmp_path: Path) -> None:
    with dev(tmp_path, "--load", "--fault") as (database, port):
        eventually("the store is down", lambda: get(port, "/hello/ada")[0] == 503, 90)
        eventually("the store's alert fires", lambda: "BackendStoreFailing" in database.firing(), 120)
