"""checkov finds nothing but what is decided here, with the reason."""

from __future__ import annotations

import json
import subprocess

import pytest
import yaml
from chart import DYNAMODB_LOCAL, LOCAL, TERRAFORM, Manifests, render

# Rule: (objects that may break it, why).
SUPPRESSED: dict[str, tuple[set[str], str]] = {
    "CKV_K8S_8": ({"Pod"}, "the pods of `helm test` end by themselves: no liveness to ask for"),
    "CKV_K8S_9": ({"Pod"}, "the pods of `helm test` serve nobody: no readiness to ask for"),
    "CKV_K8S_11": ({"Pod", "Deployment"}, "a CPU limit throttles a pod on a node with CPU to spare; memory is limited"),
    "CKV_K8S_15": ({"Pod", "Deployment"}, "local only: the service's image is built on the machine, not pulled"),
    "CKV_K8S_43": ({"Pod", "Deployment"}, "local only: an image built on the machine has no digest in a registry"),
}
LOCAL_ONLY = {"CKV_K8S_15", "CKV_K8S_43"}

RENDERED: dict[str, Manifests] = {
    "terraform": render(TERRAFORM), "local": render(LOCAL), "dynamodb-local": render(chart=DYNAMODB_LOCAL),
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, str]]]:
    """What checkov finds, passed_checks and failed_checks."""
    directory = tmp_path_factory.mktemp("rendered")
    for name, manifests in RENDERED.items():
        (directory / f"{name}.yaml").write_text(yaml.safe_dump_all(manifests))
    command = ["checkov", "--directory", directory, "--framework", "kubernetes", "--skip-download", "--output", "json"]
    return json.loads(subprocess.run(command, capture_output=True, text=True).stdout)["results"]


@pytest.mark.parametrize("name", RENDERED)
def test_nothing_fails_that_is_not_decided(name: str, results: dict[str, list[dict[str, str]]]) -> None:
    def checks(outcome: str) -> set[tuple[str, str]]:
        here = [check for check in results[outcome] if check["file_path"] == f"/{name}.yaml"]
        return {(check["check_id"], check["resource"].split(".")[0]) for check in here}

    passed, failed = checks("passed_checks"), checks("failed_checks")
    rules = SUPPRESSED.keys() - (LOCAL_ONLY if name == "terraform" else set())
    allowed = {(rule, kind) for rule in rules for kind in SUPPRESSED[rule][0]}
    assert len(passed) > 60, "checkov has looked"
    assert failed <= allowed, failed - allowed


def test_the_exceptions_are_few_and_each_is_needed(results: dict[str, list[dict[str, str]]]) -> None:
    assert len(SUPPRESSED) <= 5
    assert {check["check_id"] for check in results["failed_checks"]} == SUPPRESSED.keys()
