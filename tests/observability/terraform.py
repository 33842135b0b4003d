"""Terraform's own rendering of a file, with stand-ins for what the file takes from the rest of its root."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from running import ROOT

STUB = """
variable "region" { default = "eu-west-1" }
variable "environment" { default = "prod" }
locals {
  project            = "backend-cloud-app"
  aws                = { metrics_log_group = "/aws/eks/prod-eks-cluster/metrics" }
  kube_state_metrics = "%s"
  tags               = { Project = "backend-cloud-app" }
  budget             = 0.001
  objectives         = yamldecode(file("%s/helm/backend/values.yaml")).objectives
  load_balancer      = { one = { arn_suffix = "app/k8s-dev-backend/0123456789abcdef" } }
}
"""


def evaluate(value: str, file: str, scratch: Path, kube_state_metrics: str = "") -> Any:
    directory = scratch / value
    directory.mkdir()
    text = (ROOT / file).read_text().replace("${path.module}/../..", str(ROOT)).replace("data.aws_lb.backend", "local.load_balancer")
    # Resources need a provider; the locals after them need none.
    (directory / "main.tf").write_text(text[text.index("locals {"):])
    (directory / "stub.tf").write_text(STUB % (kube_state_metrics, ROOT))
    answer = subprocess.run(["terraform", "console"], cwd=directory, input=f"jsonencode({value})",
                            env=os.environ | {"TF_CLI_CONFIG_FILE": os.devnull}, check=True, capture_output=True, text=True)
    return json.loads(json.loads(answer.stdout))
