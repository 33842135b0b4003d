"""checkov finds what is decided here, with the reason, and nothing else: so every pod is restricted, and asks for CPU and memory."""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from pathlib import Path

import yaml
from chart import DYNAMODB_LOCAL, LOCAL, TERRAFORM, render

RENDERED = {"terraform": render(TERRAFORM), "local": render(LOCAL), "dynamodb-local": render(chart=DYNAMODB_LOCAL)}

PODS_OF_HELM_TEST = {f"{name} Pod" for name in RENDERED}
BACKENDS = {f"{name} {kind}" for name in ("terraform", "local") for kind in ("Deployment", "Pod")}
ON_ONE_MACHINE = {f"{name} {kind}" for name in ("dynamodb-local", "local") for kind in ("Deployment", "Pod")}
DECIDED = {
    "CKV_K8S_8": PODS_OF_HELM_TEST,  # They end by themselves: no liveness to ask for,
    "CKV_K8S_9": PODS_OF_HELM_TEST,  # and serve nobody: no readiness.
    "CKV_K8S_11": BACKENDS,  # A CPU limit throttles a pod on a node with CPU to spare; memory is limited.
    "CKV_K8S_15": ON_ONE_MACHINE,  # The service's image is built there, not pulled,
    "CKV_K8S_43": ON_ONE_MACHINE,  # and has no digest in a registry.
}


def test_nothing_fails_that_is_not_decided_and_each_exception_is_needed(tmp_path: Path) -> None:
    for name, manifests in RENDERED.items():
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump_all(manifests))
    command = ["checkov", "--directory", tmp_path, "--framework", "kubernetes", "--skip-download", "--output", "json"]
    results = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True).stdout)["results"]
    failed = defaultdict(set)
    for check in results["failed_checks"]:
        failed[check["check_id"]].add(f"{Path(check['file_path']).stem} {check['resource'].split('.')[0]}")
    assert failed == DECIDED
    assert len(results["passed_checks"]) > 500, "checkov has looked"
