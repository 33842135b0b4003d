"""KEDA's own scaler, asked with the chart's trigger: what it makes of CloudWatch's answer, and of none.

CloudWatch is moto's. KEDA's operator, which takes the error for a reason to keep the pods that are there, does not run here.
"""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import cbor2
import chart
from cloudwatch import aws, cloudwatch
from scene import CREDENTIALS


def in_cbor(url: str) -> str:
    """The URL of a GetMetricData as the SDK for Go asks it, in CBOR, which moto does not know."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802
            asked = cbor2.loads(self.rfile.read(int(self.headers["content-length"])))
            answer = aws("cloudwatch", url).get_metric_data(**asked)
            body = cbor2.dumps({"MetricDataResults": answer["MetricDataResults"]}, datetime_as_timestamp=True)
            self.send_response(200)
            for name, value in {"smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor", "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def test_it_is_told_the_requests_of_all_pods_in_a_minute_and_takes_silence_for_an_error_not_for_none(tmp_path: Path) -> None:
    scaled = chart.one("ScaledObject", chart.SCALED)
    trigger = scaled["spec"]["triggers"][0]["metadata"]
    with cloudwatch(tmp_path) as url:
        env = os.environ | CREDENTIALS | {"AWS_ENDPOINT_URL": in_cbor(url)}

        def ask() -> subprocess.CompletedProcess[str]:
            return subprocess.run(["keda-cloudwatch"], input=json.dumps(scaled), env=env, capture_output=True, text=True)

        silent = ask()
        assert silent.returncode == 1 and "empty metric data received" in silent.stderr and not silent.stdout

        minute = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=2)
        for ago, value in ((1, 7), (0, 40_000), (0, 35_000), (-2, 9)):
            aws("cloudwatch", url).put_metric_data(Namespace=trigger["namespace"], MetricData=[{
                "MetricName": trigger["metricName"], "Timestamp": minute - timedelta(minutes=ago), "Value": value,
                "Dimensions": [{"Name": trigger["dimensionName"], "Value": trigger["dimensionValue"]}]}])
        answered = ask()
        # In thousandths, as metrics are in Kubernetes: what it was told, and the target for each pod.
        assert answered.stdout.split() == ["75000000", "30000000"], answered.stderr
