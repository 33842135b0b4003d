"""/metrics as its readers take it: promtool's linter, and the OpenMetrics parser of Prometheus' own Python client."""

from __future__ import annotations

import subprocess
from pathlib import Path
from urllib.request import Request, urlopen

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families as text_families
from running import eventually, free_port, listening, process, program


def test_promtool_and_the_parser_of_openmetrics_take_the_page(tmp_path: Path) -> None:
    port = free_port()
    settings = {"PORT": str(port), "BIND_ADDRESS": "127.0.0.1", "DATA_DIR": str(tmp_path / "data"), "REVISION": "abc"}
    with process([program()], tmp_path / "log", settings):
        eventually("the service listens", lambda: listening(port))
        text_type, text = read(port, "*/*")
        open_type, openmetrics = read(port, "application/openmetrics-text;version=1.0.0,*/*;q=0.1")
    assert text_type.startswith("text/plain; version=0.0.4") and open_type.startswith("application/openmetrics-text")
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr

    families = {family.name: family for family in openmetrics_families(openmetrics)}
    build = families["build_info"]
    assert build.type == "gauge" and [sample.labels["revision"] for sample in build.samples] == ["abc"]
    assert families["process_cpu_seconds"].samples[0].value % 1 != 0, "whole seconds only"
    assert {s.name for family in text_families(text) for s in family.samples} == {s.name for f in families.values() for s in f.samples}


def read(port: int, accept: str) -> tuple[str, str]:
    with urlopen(Request(f"http://127.0.0.1:{port}/metrics", headers={"Accept": accept})) as answer:
        return answer.headers["content-type"], answer.read().decode()
