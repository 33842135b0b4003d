"""The chart agrees with the service: settings, their defaults, and commands.

The service says what it knows through its own programs, never through its source. Terraform's side of the contract is
tested beside Terraform.
"""

from __future__ import annotations

import json
import subprocess
from functools import cache
from typing import Any

import kubernetes_validate
import pytest
from chart import BACKEND, DYNAMODB_LOCAL, EVERY_DOCUMENT, MINIMUM, render
from running import free_port, program

# What no chart can use: there is no data to keep in the pod, and the image knows its revision.
UNUSED = {"DATA_DIR", "REVISION"}

# The AWS SDK's own variables.
CREDENTIALS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}

SCHEMA = json.loads((BACKEND / "values.schema.json").read_text())["properties"]["settings"]["properties"]


@cache
def settings() -> dict[str, str]:
    """Every variable that the service knows, and its default."""
    return {row["variable"]: row["default"] for row in json.loads(subprocess.check_output([program("settings")]))}


def service(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program(), *arguments], env=env, capture_output=True, text=True)


def test_every_setting_of_the_service_is_within_reach() -> None:
    given = render(MINIMUM).env().keys()
    assert given | SCHEMA.keys() == settings().keys() - UNUSED
    assert not given & SCHEMA.keys(), "two values would decide one setting"


@EVERY_DOCUMENT
def test_the_service_knows_every_variable_that_the_chart_gives_it_and_accepts_its_value(document: Any) -> None:
    env = render(document).env()
    assert env.keys() - CREDENTIALS <= settings().keys()
    # healthcheck reads the same settings as serve: 1 is "nobody answers", 64 would be "a bad setting".
    done = service("healthcheck", **env | {"PORT": str(free_port())})
    assert done.returncode == 1, done.stderr


@pytest.mark.parametrize(("setting", "wrong"), [
    ("REQUEST_TIMEOUT", "5"), ("LOG_LEVEL", "loud"), ("LOG_FORMAT", "xml"), ("MAX_CONCURRENT_REQUESTS", "0"),
    ("MAX_CONNECTIONS", "3"), ("CACHE_MAX_AGE", "60"), ("BIND_ADDRESS", "localhost"),
])
def test_what_the_schema_forbids_the_service_forbids_too(setting: str, wrong: str) -> None:
    validator = kubernetes_validate.utils.jsonschema.Draft202012Validator(SCHEMA[setting])
    assert not validator.is_valid(int(wrong) if setting.startswith("MAX") else wrong)
    assert service("healthcheck", **{setting: wrong}).returncode == 64


def test_the_defaults_are_those_of_the_service() -> None:
    env = render(MINIMUM).env()
    for variable in ("PORT", "DYNAMODB_TABLE", "AWS_REGION", "IDLE_TIMEOUT", "DRAIN_TIMEOUT"):
        # Where the environment of the SDK comes first, the default says so in brackets.
        assert env[variable] == settings()[variable].split("else ")[-1].rstrip(")"), variable


def test_every_command_that_the_charts_run_is_one_of_the_service() -> None:
    store = render(chart=DYNAMODB_LOCAL)
    tests = [manifests.one("Pod")["spec"]["containers"][0] for manifests in (store, render(MINIMUM))]
    for container in (store.pod()["initContainers"][1], *tests):
        # The command line comes first, so a complaint about a setting says that it is understood.
        assert "PORT" in service(*container["args"], PORT="x").stderr
    done = service("no-such-command", PORT="x")
    assert done.returncode == 64 and "PORT" not in done.stderr
