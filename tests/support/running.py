"""Programs that a test runs: the service, built from this checkout, and others beside it."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def eventually(what: str, true: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.05)


def listening(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def process(command: Sequence[str | Path], log: Path, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as output:
        child = subprocess.Popen(command, stdout=output, stderr=output, env=env)
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def get(port: int, path: str, timeout: float = 30) -> tuple[int, str]:
    """Status and body; 499 when nothing comes in time, as the service counts it, and 0 when nobody answers."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        client.request("GET", path)
        answer = client.getresponse()
        return answer.status, answer.read().decode()
    except TimeoutError:
        return 499, ""
    except OSError:
        return 0, ""
    finally:
        client.close()


@cache
def program(name: str = "backend-cloud-app") -> str:
    """The path of the service, or of the example `settings`, built."""
    command = ["cargo", "build", "--quiet", "--bin", "backend-cloud-app", "--example", "settings", "--message-format", "json"]
    lines = subprocess.check_output(command, cwd=ROOT, text=True).splitlines()
    return next(m["executable"] for m in map(json.loads, lines) if m.get("executable") and m["target"]["name"] == name)
