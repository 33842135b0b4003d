"""What several tests stand on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from threading import Thread

import pytest
from scene import Scene


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Scene]:
    with ExitStack() as stack:
        yield Scene(stack, tmp_path)


class Page(SimpleHTTPRequestHandler):
    # Prometheus takes no page of an unknown type, and the file has no extension.
    extensions_map = {"": "text/plain"}


@pytest.fixture
def kube_state_metrics() -> str:
    """The address of the page that the real kube-state-metrics made of the chart on a real API server (tests/observability/cluster)."""
    server = HTTPServer(("127.0.0.1", 0), partial(Page, directory=str(Path(__file__).parent / "kube-state-metrics")))
    Thread(target=server.serve_forever, daemon=True).start()
    return f"127.0.0.1:{server.server_port}"
