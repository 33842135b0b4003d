"""The workflows hold no logic and no more rights than they need: what actionlint and zizmor (.ci/lint) cannot know of this repository.

What they do when they run: test_pipeline.py.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = {path.name: yaml.safe_load(path.read_text()) for path in (ROOT / ".github/workflows").glob("*.yaml")}


def jobs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, workflow in WORKFLOWS.items():
        for job, body in workflow["jobs"].items():
            yield name, job, body


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, job, body in jobs():
        for step in body.get("steps", []):
            yield f"{name} {job} {step.get('name', '')}", step


def commands() -> list[tuple[str, str]]:
    return [(where, step["run"]) for where, step in steps() if "run" in step]


def roles(body: dict[str, Any]) -> list[str]:
    return [step["with"]["role"] for step in body.get("steps", []) if step.get("uses") == "$/.github/actions/role"]


def stages_called(command: str) -> list[str]:
    """The stages that a command names; of a name made of $ROOT, all that it can become."""
    names = re.findall(r'nix run "?\.#([^" ]+)', command)
    return [name.replace("$ROOT", root) for name in names for root in (["aws", "kubernetes", "dns"] if "$ROOT" in name else [""])]


@pytest.fixture(scope="session")
def stages() -> set[str]:
    """The names in nix/apps.nix, as Nix evaluates them: without the tools."""
    expression = f"builtins.attrNames (import {ROOT}/nix/apps.nix {{ pkgs.lib = import {ROOT}/tests/nix/stand-in/lib.nix; service = null; }})"
    done = subprocess.run(
        ["nix-instantiate", "--eval", "--strict", "--json", "--expr", expression], check=True, capture_output=True, text=True
    )
    return set(yaml.safe_load(done.stdout))


def test_no_right_is_given_to_a_whole_workflow() -> None:
    assert all(workflow["permissions"] == {} for workflow in WORKFLOWS.values())
    assert all("permissions" in body for _, _, body in jobs())


def test_a_job_that_can_become_somebody_does_so_in_the_environment_that_the_role_trusts_or_only_plans() -> None:
    trusted = {"plan": None, "preview": "plan", "push": "images", "apply-${{ inputs.environment }}": "${{ inputs.environment }}"}
    checked = 0
    for name, job, body in jobs():
        taken = roles(body)
        assert {trusted[role] for role in taken} <= {body.get("environment")}, f"{name} {job}"
        if body["permissions"].get("id-token") != "write":
            assert taken == [], f"{name} {job} takes a role without a token"
            continue
        checked += 1
        if called := body.get("uses"):
            assert called in ("$/.github/workflows/_plan.yaml", "$/.github/workflows/_apply.yaml"), f"{name} {job}"
        else:
            assert taken or "environment" in body, f"{name} {job}"
    assert checked >= 10


def test_only_the_reusable_workflow_and_init_can_apply() -> None:
    applying = {(name, job) for name, job, body in jobs() if any("apply-" in role for role in roles(body))}
    assert applying == {("_apply.yaml", "apply"), ("stage.yaml", "init")}
    assert [command for where, command in commands() if "apply-" in command] == ['nix run ".#apply-$ROOT"']


def test_every_command_is_a_stage_or_one_of_five_of_nix(stages: set[str]) -> None:
    seen = set()
    for where, command in commands():
        called = stages_called(command)
        assert called or command in (
            "nix flake check --print-build-logs",
            "nix develop --command .ci/run",
            "nix develop --command tests/rehearsal/run --small",
            "nix develop .#ci --command cargo deny check advisories",
            'nix build --print-build-logs --out-link kept ".#$IMAGES" .#stages',
        ), where
        assert set(called) <= stages, where
        assert "\n" not in command and not re.search(r"[;|&]|\$\(", command), f"{where} holds logic"
        seen |= set(called)
    assert {"push-image", "plan-aws", "apply-dns", "init-kubernetes", "verify-image", "report-drift"} <= seen


def test_every_option_that_a_workflow_gives_is_one_of_the_stage() -> None:
    for where, command in commands():
        for name in stages_called(command):
            script = name if (ROOT / f"nix/apps/{name}.sh").exists() else name.split("-")[0]
            known = (ROOT / f"nix/apps/{script}.sh").read_text()
            for option in re.findall(r"--([a-z-]+)", command.partition(" -- ")[2]):
                assert re.search(rf'options "[^"]*\b{option}\b', known), f"{where}: --{option}"


def test_every_action_says_the_version_of_its_commit() -> None:
    text = "\n".join(path.read_text() for path in (ROOT / ".github").rglob("*.yaml"))
    uses = re.findall("uses: .*@.*", text)
    assert uses and [line for line in uses if not re.search(r"@[0-9a-f]{40} # v\d+(\.\d+)+$", line)] == []


def test_an_apply_is_never_cut_off_and_two_never_meet() -> None:
    for name in ("deploy.yaml", "stage.yaml"):
        assert WORKFLOWS[name]["concurrency"] == {"group": "environment-${{ inputs.environment }}", "cancel-in-progress": False}
    # A caller and what it calls would wait for each other.
    assert all("concurrency" not in WORKFLOWS[name] for name in ("_plan.yaml", "_apply.yaml"))


def test_only_ci_on_main_saves_the_store_that_jobs_with_roles_restore() -> None:
    saving = [(where, step["with"]["save"]) for where, step in steps() if "save" in step.get("with", {})]
    assert saving == [("ci.yaml check Check out, install Nix, restore its store", "${{ github.ref == 'refs/heads/main' }}")]
    action = yaml.safe_load((ROOT / ".github/actions/setup/action.yaml").read_text())
    assert action["inputs"]["save"]["default"] == "false"
    # Nobody else keeps anything in a cache.
    caching = [step for step in action["runs"]["steps"] if "cache" in step.get("uses", "")]
    assert [step["with"]["save"] for step in caching] == ["${{ inputs.save }}"]
    # The action needs a user of GitHub's own machines; on any other it fails once there is something to restore.
    assert [step.get("if") for step in caching] == ["runner.environment != 'self-hosted'"]
    assert [where for where, step in steps() if "cache" in step.get("uses", "")] == []


def test_a_role_outlasts_what_is_done_with_it_and_bootstrap_lets_it() -> None:
    longest = {
        path.name: int((re.search(r"max_session_duration *= *(\d+)", path.read_text()) or [0, 3600])[1])
        for path in (ROOT / "terraform/bootstrap").glob("role_*.tf")
    }
    for name, job, body in jobs():
        for step in body.get("steps", []):
            if step.get("uses") != "$/.github/actions/role":
                continue
            lasts = step["with"].get("duration", 3600)
            assert lasts <= longest[f"role_{step['with']['role'].split('-')[0]}.tf"], f"{name} {job}"
            # Where a job goes on for longer, the step that uses the role has a limit of its own.
            own = [other["timeout-minutes"] for other in body["steps"] if "timeout-minutes" in other]
            assert lasts >= 60 * min([body["timeout-minutes"], *own]), f"{name} {job}"


def test_a_state_that_an_apply_left_is_pushed_by_a_role_taken_anew_however_the_apply_ended() -> None:
    apply, anew, push = WORKFLOWS["_apply.yaml"]["jobs"]["apply"]["steps"][-3:]
    assert "apply-" in apply["run"] and "push-state" in push["run"]
    assert anew["uses"] == "$/.github/actions/role"
    assert anew["if"] == push["if"] and push["if"].startswith("${{ always() &&")


def test_what_a_pull_request_runs_can_write_nothing_at_aws() -> None:
    taken = {role for name, _, body in jobs() if "pull_request" in WORKFLOWS[name][True] for role in roles(body)}
    assert taken == {"preview"}
    for job, body in WORKFLOWS["preview.yaml"]["jobs"].items():
        assert "id-token" not in body["permissions"] or body["permissions"].keys() == {"contents", "id-token"}, job


def test_what_builds_can_become_nobody() -> None:
    building = [body for _, _, body in jobs() if any("#build-image" in step.get("run", "") for step in body.get("steps", []))]
    assert len(building) >= 4
    assert [body["permissions"] for body in building] == [{"contents": "read"}] * len(building)


def test_every_job_ends_by_itself() -> None:
    assert [f"{name} {job}" for name, job, body in jobs() if "uses" not in body and "timeout-minutes" not in body] == []


def test_dependabot_watches_every_folder_with_a_lock_file() -> None:
    updates = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())["updates"]
    watched = {(update["package-ecosystem"], folder) for update in updates for folder in update.get("directories", [update.get("directory")])}
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    ecosystems = {"flake.lock": "nix", "Cargo.lock": "cargo", "go.sum": "gomod", "package-lock.json": "npm", ".terraform.lock.hcl": "terraform"}
    locked = {(ecosystems[Path(f).name], f"/{Path(f).parent}".replace("/.", "/")) for f in files if Path(f).name in ecosystems}
    assert locked | {("helm", "/.github/charts")} <= watched


def test_dependabot_sees_the_charts_that_terraform_installs_and_dev_has_the_versions_that_it_found() -> None:
    listed = yaml.safe_load((ROOT / ".github/charts/Chart.yaml").read_text())["dependencies"]
    text = "".join(path.read_text() for path in (ROOT / "terraform/kubernetes").glob("*.tf"))
    installed = re.findall(r'repository *= "(https:.*)"\n *chart *= "(.*)"\n *version *= var\.versions\.charts\.(.*)', text)
    assert sorted((chart["repository"], chart["name"], chart["name"]) for chart in listed) == sorted(installed)
    for chart in listed:
        command = ["awk", "-v", f"wanted=versions.charts.{chart['name']}", "-f", "nix/apps/lib/hcl.awk", "terraform/env/dev.tfvars"]
        version = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
        assert version == chart["version"], chart["name"]
