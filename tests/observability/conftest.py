"""What several tests stand on."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest


@pytest.fixture
def kube_state_metrics() -> HTTPServer:
    """Serves the page that the real kube-state-metrics made of the chart on a real API server (tests/observability/cluster)."""
    page = (Path(__file__).parent / "kube-state-metrics.txt").read_bytes()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802
            self.send_response(200)
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    return server
