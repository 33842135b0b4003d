"""What holds for both charts, whatever the values."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from chart import BACKEND, DYNAMODB_LOCAL, HELMS, LOCAL, MINIMUM, NEWEST, OLDEST, ROOT, ENVIRONMENTS, VALUES, render

CHARTS = pytest.mark.parametrize("chart", [BACKEND, DYNAMODB_LOCAL], ids=lambda chart: chart.name)

EVERYTHING: dict[str, Any] = {
    "metrics": {"serviceMonitor": {"enabled": True}, "prometheusRule": {"enabled": True}},
    "ingress": {"tlsSecretName": "cert"},
    "networkPolicy": {"extraEgress": [{"to": [{"ipBlock": {"cidr": "10.1.0.0/16"}}]}]},
    "settings": {"LOG_LEVEL": "debug", "MAX_CONCURRENT_REQUESTS": 10},
    "podAnnotations": {"a": "b"},
    "podLabels": {"a": "b"},
    "nodeSelector": {"kubernetes.io/arch": "arm64"},
    "tolerations": [{"key": "spot", "operator": "Exists"}],
    "affinity": {"nodeAffinity": {}},
    "priorityClassName": "high",
    "imagePullSecrets": [{"name": "registry"}],
}

DOCUMENTS = [
    pytest.param(BACKEND, (MINIMUM,), id="default"),
    pytest.param(BACKEND, (LOCAL,), id="local"),
    *(pytest.param(BACKEND, (VALUES / f"{environment}.yaml",), id=environment) for environment in ENVIRONMENTS),
    pytest.param(BACKEND, (MINIMUM, EVERYTHING), id="everything"),
    pytest.param(DYNAMODB_LOCAL, (), id="dynamodb-local"),
    pytest.param(DYNAMODB_LOCAL, ({"persistence": {"enabled": True}},), id="dynamodb-local-claim"),
]


def custom_resource_schema(kind: str) -> dict[str, Any]:
    """The schema of one of the Prometheus operator's kinds, from its own module."""
    module = "github.com/prometheus-operator/prometheus-operator"
    directory = subprocess.check_output(
        ["go", "list", "-m", "-f", "{{.Dir}}", f"{module}@v0.85.0"], text=True, cwd="/"
    ).strip()
    file = Path(directory, f"example/prometheus-operator-crd/monitoring.coreos.com_{kind.lower()}s.yaml")
    return yaml.safe_load(file.read_text())["spec"]["versions"][0]["schema"]["openAPIV3Schema"]


@CHARTS
@pytest.mark.parametrize("helm", HELMS)
def test_helm_has_nothing_to_say(chart: Path, helm: str) -> None:
    for kube_version in (OLDEST, NEWEST):
        command = [helm, "lint", "--strict", "--kube-version", kube_version, str(chart)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("chart", "values"), DOCUMENTS)
@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_every_manifest_is_valid_for_kubernetes(chart: Path, values: tuple[Any, ...], version: str) -> None:
    for manifest in render(*values, chart=chart, kube_version=version):
        if manifest["apiVersion"] != "monitoring.coreos.com/v1":
            kubernetes_validate.validate(manifest, version, strict=True)


@pytest.mark.parametrize("kind", ["ServiceMonitor", "PrometheusRule"])
def test_the_monitoring_objects_are_valid_for_their_operator(kind: str) -> None:
    manifest = render(MINIMUM, EVERYTHING).one(kind)
    schema = closed(custom_resource_schema(kind))
    validator = kubernetes_validate.utils.jsonschema.Draft7Validator(schema)
    assert not [error.message for error in validator.iter_errors(manifest)]


def closed(schema: Any) -> Any:
    """A schema in which an unknown field is an error, as the API server's strict decoding has it."""
    if isinstance(schema, list):
        return [closed(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    open_object = "properties" in schema and "additionalProperties" not in schema
    extra = {"additionalProperties": False} if open_object else {}
    return {key: closed(value) for key, value in schema.items()} | extra


@pytest.mark.parametrize(("chart", "values"), DOCUMENTS)
def test_helm_3_and_helm_4_render_the_same(chart: Path, values: tuple[Any, ...]) -> None:
    three, four = (render(*values, chart=chart, helm=helm) for helm in HELMS)
    assert three == four


@CHARTS
def test_the_version_is_that_of_the_service(chart: Path) -> None:
    about = yaml.safe_load((chart / "Chart.yaml").read_text())
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]["version"]
    assert (about["version"], about["appVersion"]) == (version, version)


@CHARTS
def test_the_schema_knows_every_value_and_no_other(chart: Path) -> None:
    def paths(value: Any, at: str = "") -> set[str]:
        if not isinstance(value, dict) or not value:
            return {at}
        return {path for key, inner in value.items() for path in paths(inner, f"{at}.{key}")}

    def declared(schema: dict[str, Any], at: str = "") -> set[str]:
        if not schema.get("properties") or at == ".settings":
            return {at}
        return {path for key, inner in schema["properties"].items() for path in declared(inner, f"{at}.{key}")}

    schema = declared(json.loads((chart / "values.schema.json").read_text())) - {".global"}
    values = paths(yaml.safe_load((chart / "values.yaml").read_text()))
    # Kubernetes's own objects are open in the schema: their inner fields belong to the declared one.
    assert {max((s for s in schema if f"{v}.".startswith(f"{s}.")), key=len, default=v) for v in values} == schema
    readme = (chart / "README.md").read_text()
    assert not [path for path in schema if f"\n| {path[1:]} |" not in readme], "every value has its sentence"


@CHARTS
def test_the_readme_is_what_helm_docs_makes_of_the_values(chart: Path) -> None:
    command = ["helm-docs", "--chart-search-root", chart, "--sort-values-order", "file", "--ignore-non-descriptions"]
    done = subprocess.run([*command, "--dry-run"], capture_output=True, text=True)
    assert done.stdout.rstrip("\n") == (chart / "README.md").read_text().rstrip("\n"), "run: " + " ".join(map(str, command))


@CHARTS
def test_the_package_holds_no_development_files(chart: Path, tmp_path: Path) -> None:
    subprocess.run(["helm", "package", chart, "--destination", tmp_path], check=True, capture_output=True)
    [archive] = tmp_path.iterdir()
    names = subprocess.check_output(["tar", "--list", "--file", archive], text=True).split()
    expected = r"/(Chart\.yaml|values(\.local)?\.yaml|values\.schema\.json|README\.md|templates/.*|\.helmignore)$"
    assert not [name for name in names if not re.search(expected, name)]
