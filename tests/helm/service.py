"""The service itself, built from this checkout."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.error import URLError

from chart import ROOT


@cache
def programs() -> dict[str, str]:
    """The paths of the service and of the program that prints its settings, built."""
    command = ["cargo", "build", "--bin", "backend-cloud-app", "--example", "settings", "--message-format", "json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    return {message["target"]["name"]: message["executable"] for message in messages if message.get("executable")}


def free_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


def until_answered(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError(f"no answer from {url}")


@contextmanager
def running(command: list[str], ready_url: str, env: dict[str, str] | None = None) -> Iterator[None]:
    """A program while it answers; what it prints is shown by pytest."""
    process = subprocess.Popen(command, env=os.environ | (env or {}))
    try:
        until_answered(ready_url)
        yield
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def serving(data: Path) -> Iterator[str]:
    """The service with a store of its own; gives its address, as host and port."""
    address = f"127.0.0.1:{free_port()}"
    env = {"BIND_ADDRESS": "127.0.0.1", "PORT": address.split(":")[1], "STORE": "embedded", "DATA_DIR": str(data)}
    with running([programs()["backend-cloud-app"], "serve"], f"http://{address}/ready", env):
        yield address
