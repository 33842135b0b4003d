"""Stand-in for CloudWatch and its Logs: moto, as the Terraform roots have it; it takes and gives data but makes no metrics of log events."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from running import ROOT, eventually, free_port, listening, process

NAMESPACE = "backend-cloud-app/prod"


@contextmanager
def cloudwatch(directory: Path) -> Iterator[str]:
    """Its URL."""
    port = free_port()
    with process([sys.executable, ROOT / "tests/terraform/emulator.py", str(port)], directory / "moto.log"):
        eventually("moto listens", lambda: listening(port))
        yield f"http://127.0.0.1:{port}"


def aws(service: str, url: str) -> Any:
    """A client of the tests' own."""
    return boto3.client(service, endpoint_url=url, region_name="eu-west-1", aws_access_key_id="local", aws_secret_access_key="local")
