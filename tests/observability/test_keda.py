"""KEDA's own scaler, asked with the chart's trigger: what it makes of CloudWatch's answer, and of none.

CloudWatch is moto's. KEDA's operator, which takes the error for a reason to keep the pods that are there, does not run here.
"""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import rendered
from cloudwatch import aws, cloudwatch
from scene import CREDENTIALS


def test_it_is_told_the_requests_of_all_pods_in_a_minute_and_takes_silence_for_an_error_not_for_none(tmp_path: Path) -> None:
    scaled = rendered.scaled_object()
    trigger = scaled["spec"]["triggers"][0]["metadata"]
    with cloudwatch(tmp_path) as url:
        env = os.environ | CREDENTIALS | {"AWS_ENDPOINT_URL": url}

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
