"""The workflows themselves, run by act on this machine: which stages they call, in which order, as whom and with what.

Stand-ins in act/ take the place of Nix and of the actions of others. act is not GitHub's own runner: it knows neither
environments nor concurrency nor permissions, which test_workflows.py reads. tests/rehearsal runs deploy and stage with real stages:
that a root without changes asks nobody, and that a plan is applied by hand, is proven there.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
STAND_INS = Path(__file__).parent / "act"
SHA256 = {root: f"{number}" * 64 for number, root in enumerate(("aws", "kubernetes", "dns"))}
DIGEST = "sha256:" + "d" * 64
ACCOUNTS = {"dev": "111111111111", "staging": "222222222222", "prod": "333333333333"}
ANSWERS: dict[str, dict[str, Any]] = {
    "check-gate": {"outputs": {"open": "true"}},
    "find-image": {"outputs": {"tag": "revision", "digest": ""}},
    "build-image": {"outputs": {"path": "."}},
    "check-version": {"outputs": {"version": "1.0.0"}},
    "push-image": {"outputs": {"tag": "revision", "digest": DIGEST, "repository": "registry/backend-cloud-app"}},
    "push-chart": {"outputs": {"digest": "sha256:" + "c" * 64, "repository": "registry/charts/backend"}},
    "verify-image": {"outputs": {"tag": "1.0.0", "digest": DIGEST}},
} | {f"plan-{root}": {"outputs": {"sha256": digest, "changes": "true", "counts": "2 to add"}} for root, digest in SHA256.items()}

Call = dict[str, Any]


class Pipeline:
    """A repository of nothing but the workflows, and what their runs have called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answers = ANSWERS
        self.event: dict[str, Any] = {}
        self.repository = folder / "repository"
        shutil.copytree(ROOT / ".github", self.repository / ".github")
        # act knows older names of the workflow's own repository, of which its jobs have no checkout at their start.
        for path in (self.repository / ".github").rglob("*.yaml"):
            text = re.sub(r"uses: \$/\.github/actions/(.*)", r"uses: this/\1@checkout", path.read_text())
            path.write_text(text.replace("uses: $/", "uses: ./"))
        for file in ("Cargo.lock", "flake.lock", "preview.md"):
            (self.repository / file).touch()
        self.git("init", "--quiet")
        self.git("remote", "add", "origin", "https://github.com/greeter/it")
        self.git("add", ".")
        self.git("-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "--quiet", "--message", "x")

    def git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.repository, check=True, env=os.environ | {"GIT_CONFIG_GLOBAL": os.devnull})

    def run(
        self, workflow: str, event: str = "workflow_dispatch", *, succeeds: bool = True, variables: dict[str, str] | None = None, **inputs: str
    ) -> list[Call]:
        """What the run called; it has to end as expected."""
        (self.folder / "calls").write_text("")
        (self.folder / "answers").write_text(json.dumps(self.answers))
        (self.folder / "event").write_text(json.dumps({"inputs": inputs, "ref": "refs/tags/v1.0.0", **self.event}))
        variables = {"AWS_ACCOUNT_IDS": json.dumps(ACCOUNTS)} | (variables or {})
        command = [STAND_INS / "run", event, workflow, "--eventpath", self.folder / "event", *("--env", f"SCENE={self.folder}"),
                   *("--env", "GITHUB_RUN_ID=77"), *(f"--var={name}={value}" for name, value in variables.items())]  # fmt: skip
        environment = os.environ | {"HOME": str(self.folder), "PATH": f"{STAND_INS / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"}
        done = subprocess.run(command, cwd=self.repository, env=environment, capture_output=True, text=True, timeout=300)
        self.log = done.stdout + done.stderr
        assert (done.returncode == 0) is succeeds, self.log
        return [json.loads(line) for line in (self.folder / "calls").read_text().splitlines()]


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline(tmp_path)


# Jobs that run beside each other, in no order.
BESIDE = ("flake check --print-build-logs", "build-image")
FIRST = ["check-gate", "preflight", "find-image"]


def stages(calls: list[Call]) -> list[str]:
    """The stages in order, but for those that run side by side."""
    return [call["stage"] for call in calls if call["stage"] not in BESIDE]


def one(calls: list[Call], stage: str) -> Call:
    found = [call for call in calls if call["stage"] == stage]
    assert len(found) == 1, f"{stage}: {found}"
    return found[0]


def root_stages(*roots: str) -> list[str]:
    return [stage for root in roots for stage in (f"plan-{root}", "store-plan", "fetch-plan", f"apply-{root}")]


PUSHED = [*FIRST, "push-image"]


def deploy(pipeline: Pipeline, environment: str = "dev", *, first: str = "aws", **other: Any) -> list[Call]:
    return pipeline.run("deploy.yaml", environment=environment, **{"version": "", "allow_destroy": "", "from": first} | other)


def test_deploy_asks_first_then_builds_without_a_role_pushes_and_plans_and_applies_each_root_in_order(pipeline: Pipeline) -> None:
    calls = deploy(pipeline)
    assert stages(calls) == [*PUSHED, *root_stages("aws", "kubernetes", "dns")]
    assert {one(calls, stage)["role"] for stage in (*BESIDE, "check-gate")} == {""}
    assert one(calls, "push-image")["options"] == ["--layout", "target/oci-index"]
    assert [call["role"] for call in calls if call["role"]] == ["plan", "plan", "push", *["plan", "plan", "apply-dev", "apply-dev"] * 3]
    assert {call["account"] for call in calls if call["role"]} == {ACCOUNTS["dev"]}
    assert {call["ENV"] for call in calls if call["role"]} == {"dev"}


def test_what_is_applied_is_what_was_planned_in_the_same_run_and_whoever_approves_sees_what_it_changes(pipeline: Pipeline) -> None:
    calls = deploy(pipeline, "prod", allow_destroy="aws_kms_key.users")
    for root, sha256 in SHA256.items():
        assert one(calls, f"apply-{root}")["PLAN_SHA256"] == sha256
        assert one(calls, f"plan-{root}")["ALLOW_DESTROY"] == "aws_kms_key.users"
        assert f"apply {root}: 2 to add" in pipeline.log
    kept = [(call["stage"], call["options"]) for call in calls if call["stage"] in ("store-plan", "fetch-plan")]
    assert kept == [(stage, ["--root", root, "--run", "77"]) for root in SHA256 for stage in ("store-plan", "fetch-plan")]
    assert {"IMAGE_TAG": "revision", "IMAGE_DIGEST": DIGEST}.items() <= one(calls, "plan-kubernetes").items()
    assert {call["account"] for call in calls if call["role"]} == {ACCOUNTS["prod"]}


def test_a_release_is_verified_and_deployed_by_its_digest_without_checks_a_build_or_a_push(pipeline: Pipeline) -> None:
    calls = deploy(pipeline, "prod", version="1.0.0")
    first = ["check-gate", "preflight", "verify-image"]
    assert [call["stage"] for call in calls] == first + root_stages("aws", "kubernetes", "dns")
    assert one(calls, "verify-image")["options"] == ["--version", "1.0.0"]
    assert {"IMAGE_TAG": "1.0.0", "IMAGE_DIGEST": DIGEST}.items() <= one(calls, "plan-kubernetes").items()


def test_an_image_that_is_there_is_neither_built_nor_pushed_but_checks_that_fail_stop_its_deploy(pipeline: Pipeline) -> None:
    pipeline.answers = ANSWERS | {"find-image": {"outputs": {"tag": "revision", "digest": DIGEST}}}
    calls = deploy(pipeline)
    assert stages(calls) == [*FIRST, *root_stages("aws", "kubernetes", "dns")] and "build-image" not in [call["stage"] for call in calls]
    assert {"IMAGE_TAG": "revision", "IMAGE_DIGEST": DIGEST}.items() <= one(calls, "plan-kubernetes").items()
    pipeline.answers |= {"flake check --print-build-logs": {"status": 1}}
    assert stages(deploy(pipeline, succeeds=False)) == FIRST


@pytest.mark.parametrize("roots", [["aws", "kubernetes", "dns"], ["kubernetes", "dns"], ["dns"]], ids=lambda roots: roots[0])
def test_deploy_goes_on_from_a_root_and_ends_after_its_first_plan_where_nobody_reviews(pipeline: Pipeline, roots: list[str]) -> None:
    calls = deploy(pipeline, first=roots[0], variables={"CLUSTER_RUNNER": "inside-the-vpc"})
    assert stages(calls) == [*PUSHED, *root_stages(*roots)]
    pipeline.answers = ANSWERS | {"check-gate": {"outputs": {"open": "false"}}}
    assert stages(deploy(pipeline, "staging", first=roots[0])) == [*PUSHED, f"plan-{roots[0]}", "store-plan"]


def test_only_jobs_that_need_the_cluster_run_where_the_variable_says(pipeline: Pipeline) -> None:
    # act has no such runner, so it leaves those jobs out and tells which it would take.
    codebuild = {"CLUSTER_RUNNER": "codebuild", "DRIFT_ENVIRONMENTS": '["prod"]'}
    assert stages(deploy(pipeline, variables=codebuild)) == [*PUSHED, *root_stages("aws")]
    assert "codebuild-backend-cloud-app-dev-77-1" in pipeline.log
    assert pipeline.run("drift.yaml", "schedule", variables=codebuild) == []
    assert "codebuild-backend-cloud-app-prod-77-1" in pipeline.log
    typed = {"environment": "staging", "root": "kubernetes", "action": "apply", "image_tag": "", "plan_run_id": "42"}
    assert pipeline.run("stage.yaml", variables=codebuild, plan_sha256=SHA256["kubernetes"], **typed) == []
    assert "codebuild-backend-cloud-app-staging-77-1" in pipeline.log


@pytest.mark.parametrize(
    ("failing", "reached"),
    [
        ("check-gate", ["check-gate"]),
        ("preflight", FIRST[:2]),
        ("flake check --print-build-logs", FIRST),
        ("build-image", FIRST),
        ("push-image", PUSHED),
        ("plan-aws", [*PUSHED, "plan-aws"]),
        ("store-plan", [*PUSHED, "plan-aws", "store-plan"]),
        ("fetch-plan", [*PUSHED, "plan-aws", "store-plan", "fetch-plan"]),
        ("apply-aws", [*PUSHED, *root_stages("aws"), "push-state"]),
        ("plan-kubernetes", [*PUSHED, *root_stages("aws"), "plan-kubernetes"]),
        ("plan-dns", [*PUSHED, *root_stages("aws", "kubernetes"), "plan-dns"]),
        ("apply-kubernetes", [*PUSHED, *root_stages("aws", "kubernetes"), "push-state"]),
    ],
)
def test_nothing_comes_after_what_failed_but_the_push_of_a_state(pipeline: Pipeline, failing: str, reached: list[str]) -> None:
    pipeline.answers = ANSWERS | {failing: {"status": 1}}
    calls = deploy(pipeline, succeeds=False)
    assert one(calls, failing)
    assert stages(calls) == reached
    if reached[-1] == "push-state":
        assert (calls[-1]["role"], calls[-1]["options"]) == ("apply-dev", ["--root", failing.partition("-")[2], "--until-pushed"])


@pytest.mark.parametrize(
    ("action", "called", "role"),
    [("plan", ["plan-kubernetes", "store-plan"], "plan"), ("init", ["init-kubernetes"], "apply-prod")],
)
def test_one_stage_by_hand_plans_or_prepares(pipeline: Pipeline, action: str, called: list[str], role: str) -> None:
    typed = {"environment": "prod", "root": "kubernetes", "action": action, "image_tag": "1.0.0", "plan_run_id": "", "plan_sha256": ""}
    calls = pipeline.run("stage.yaml", **typed)
    assert stages(calls) == called
    assert {call["role"] for call in calls} == {role}
    assert action == "init" or calls[0]["IMAGE_TAG"] == "1.0.0"


def test_drift_looks_at_each_environment_that_the_variable_lists_and_no_other_as_the_role_that_only_plans(pipeline: Pipeline) -> None:
    calls = pipeline.run("drift.yaml", "schedule", variables={"DRIFT_ENVIRONMENTS": '["dev", "prod"]'})
    assert sorted((call["stage"], call["ENV"], call["account"]) for call in calls) == [
        ("report-drift", name, ACCOUNTS[name]) for name in ("dev", "prod")
    ]
    assert {call["role"] for call in calls} == {"plan"}
    assert pipeline.run("drift.yaml", "schedule") == []


RELEASED = [
    ("check-version", ["--tag", "v1.0.0"]),
    ("push-image", ["--tag", "1.0.0", "--layout", "target/oci-index"]),
    ("push-chart", []),
    ("sbom", ["--output", "sbom.cdx.json"]),
    ("sign-image", ["--digest", DIGEST]),
    ("sign-chart", ["--digest", "sha256:" + "c" * 64]),
]
IMAGE, CHART = f"registry/backend-cloud-app@{DIGEST}", "registry/charts/backend@sha256:" + "c" * 64
ATTESTED = [("attest", [IMAGE, ""]), ("attest", [IMAGE, "sbom.cdx.json"]), ("attest", [CHART, ""])]
VERIFIED = [("verify-image", ["--version", "1.0.0"]), ("verify-attestations", ["--image", IMAGE, "--chart", CHART])]


@pytest.mark.parametrize(("private", "attested"), [(False, ATTESTED), (True, [])])
def test_a_release_is_checked_pushed_signed_attested_where_github_does_verified_and_announced(
    pipeline: Pipeline, private: bool, attested: list[tuple[str, list[str]]]
) -> None:
    pipeline.event = {"repository": {"private": private}}
    calls = pipeline.run("release.yaml", "push")
    assert [(call["stage"], call["options"]) for call in calls if call["stage"] not in BESIDE] == [
        *RELEASED, *attested, *VERIFIED,
        ("sbom", ["--output", "sbom.cdx.json"]),
        ("publish-release", ["--tag", "v1.0.0", "--image-digest", DIGEST, "--sbom", "sbom.cdx.json"]),
    ]  # fmt: skip
    assert one(calls, "build-image")["role"] == ""
    assert one(calls, "verify-attestations")["ATTESTATIONS"] == str(not private).lower()
    assert {call["account"] for call in calls if call["role"]} == {ACCOUNTS["prod"]}


def test_what_failed_after_a_push_says_what_is_in_the_registry(pipeline: Pipeline) -> None:
    pipeline.answers = ANSWERS | {"sign-chart": {"status": 1}}
    calls = pipeline.run("release.yaml", "push", succeeds=False)
    assert [(call["stage"], call["options"]) for call in calls if call["stage"] not in BESIDE] == [
        *RELEASED, ("report-release", ["--version", "1.0.0"]),
    ]  # fmt: skip


def test_a_release_goes_to_the_account_of_each_environment_that_the_variable_lists_or_to_none_if_its_tag_is_refused(pipeline: Pipeline) -> None:
    calls = pipeline.run("release.yaml", "push", variables={"RELEASE_ENVIRONMENTS": '["dev", "prod"]'})
    assert sorted(call["account"] for call in calls if call["stage"] == "push-image") == [ACCOUNTS["dev"], ACCOUNTS["prod"]]
    pipeline.answers = ANSWERS | {"check-version": {"status": 1}}
    assert stages(pipeline.run("release.yaml", "push", succeeds=False)) == ["check-version"]


@pytest.mark.parametrize(("head", "reached"), [("greeter/it", ["comment-preview", "preview", "comment-preview"]), ("fork/of-it", [])])
def test_a_pull_request_of_this_repository_is_planned_by_one_job_and_commented_by_another(pipeline: Pipeline, head: str, reached: list[str]) -> None:
    pull_request = {"number": 7, "base": {"sha": "b" * 40}, "head": {"repo": {"full_name": head}}}
    pipeline.event = {"pull_request": pull_request, "number": 7}
    calls = pipeline.run("preview.yaml", "pull_request")
    assert stages(calls) == reached
    if reached:
        assert [call["role"] for call in calls] == ["", "preview", ""]
        assert [call["options"] for call in calls] == [
            ["--pull-request", "7", "--stale"],
            ["--base", "b" * 40, "--output", "preview.md"],
            ["--pull-request", "7", "--file", "target/preview/preview.md"],
        ]


def test_ci_checks_on_three_machines_builds_the_image_on_two_and_looks_for_advisories(pipeline: Pipeline) -> None:
    pipeline.answers = ANSWERS | {"build-image": {"outputs": {"digest": DIGEST}}}
    calls = pipeline.run("ci.yaml", "pull_request")
    assert sorted((call["stage"], *call["options"]) for call in calls) == [
        ("build --print-build-logs --out-link kept .#image .#stages",),
        ("build --print-build-logs --out-link kept .#image .#stages",),
        ("build --print-build-logs --out-link kept .#oci-index .#stages",),
        ("build-image", "--all", "--rebuild"),
        ("build-image", "--all", "--rebuild", "--digest", DIGEST),
        ("develop --command .ci/run",),
        ("develop --command tests/rehearsal/run --small",),
        ("develop .#ci --command cargo deny check advisories",),
        *[("flake check --print-build-logs",)] * 3,
    ]
