"""`nix run .#dev` without Nix: the whole stack comes up, has data, alerts on a fault, and goes at Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import rendered
from prometheus import Prometheus
from running import ROOT, eventually, free_port, listening, program
from scene import dynalite

sys.path.append(str(ROOT / "docs"))
import draw_dev  # noqa: E402

# No autoscaler on a laptop; and at the light load none of these is there.
ABSENT = {"Replicas"}


@contextmanager
def dev(directory: Path, *options: str) -> Iterator[tuple[Prometheus, int]]:
    """The stack; the service that is on PATH is the one that the tests build."""
    (directory / "bin").mkdir()
    (directory / "bin/backend-cloud-app").symlink_to(program())
    (directory / "bin/dynalite").symlink_to(dynalite())
    ports = {name: free_port() for name in ("port", "prometheus-port", "dynamodb-port")}
    # Of a run in the background, bash could not take Ctrl-C.
    foreground = ["env", "--default-signal=INT,QUIT"]
    command = [*foreground, ROOT / "nix/apps/dev.sh", *options, *(f"--{name}={port}" for name, port in ports.items())]
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


def test_it_has_data_and_no_alert_until_its_store_fails_and_then_alerts_as_the_picture_in_readme_shows(tmp_path: Path) -> None:
    with dev(tmp_path, "--load", "--fault") as (database, port):
        first = (tmp_path / "dev.log").read_text().splitlines()
        assert "dev: dynalite stands in for DynamoDB Local, which is not installed" in first[:2]
        for (panel, legend), query in rendered.queries("dev").items():
            eventually(f"{panel}: {legend} has data", lambda: panel in ABSENT or database.ask(query))
        # The fault comes half a minute after the start, and no alert within a minute of it.
        assert not database.firing()
        # It fires within two minutes.
        lines = draw_dev.transcript(tmp_path / "dev.log", {"8888": port, "9090": database.port})
        assert "BackendStoreFailing" in database.firing()
    assert draw_dev.masked(lines) == draw_dev.masked(draw_dev.drawn()), "run docs/draw_dev.py"
