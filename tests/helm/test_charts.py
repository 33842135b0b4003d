"""What holds for both charts, whatever the values."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from chart import BACKEND, DOCUMENTS as BACKEND_DOCUMENTS, DYNAMODB_LOCAL, HELMS, MINIMUM, NEWEST, OLDEST, ROOT, render, text_of

CHARTS = pytest.mark.parametrize("chart", [BACKEND, DYNAMODB_LOCAL], ids=lambda chart: chart.name)

# Everything that users can add, with what a careless template would write as a number or twice.
EVERYTHING: dict[str, Any] = {
    "metrics": {
        "serviceMonitor": {"enabled": True, "labels": {"app.kubernetes.io/part-of": "1"}},
        "prometheusRule": {"enabled": True, "labels": {"app.kubernetes.io/part-of": "1"}},
    },
    "ingress": {
        "tlsSecretName": "12", "className": "1e3", "hosts": ["a.example.com"],
        "annotations": {"max-age": 31536000, "alb.ingress.kubernetes.io/target-type": "instance"},
    },
    "httpRoute": {"enabled": True, "parentRefs": [{"name": "edge", "sectionName": "https"}], "hostnames": ["a.example.com"]},
    "service": {"annotations": {"max-age": 31536000}},
    "serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/a"}},
    "commonLabels": {"cost-center": 31536000, "app.kubernetes.io/part-of": "shop"},
    "extraEnv": [{"name": "A", "value": "1"}],
    "extraVolumes": [{"name": "ca", "configMap": {"name": "ca"}}],
    "extraVolumeMounts": [{"name": "ca", "mountPath": "/ca"}],
    "minReadySeconds": 5,
    "networkPolicy": {"extraEgress": [{"to": [{"ipBlock": {"cidr": "10.1.0.0/16"}}]}]},
    "settings": {"LOG_LEVEL": "debug", "MAX_CONCURRENT_REQUESTS": 10},
    "podAnnotations": {"a": 31536000, "prometheus.io/scrape": "false"},
    "podLabels": {"a": "1e3", "app.kubernetes.io/version": "2"},
    "affinity": {"nodeAffinity": {}},
    "priorityClassName": "1e3",
}
# And what both charts take.
PLACED: dict[str, Any] = {
    "nodeSelector": {"kubernetes.io/arch": "arm64"},
    "tolerations": [{"key": "spot", "operator": "Exists"}],
    "imagePullSecrets": [{"name": "registry"}],
}

DOCUMENTS = pytest.mark.parametrize(("chart", "values"), [
    *(pytest.param(BACKEND, (document,), id=name) for name, document in BACKEND_DOCUMENTS.items()),
    pytest.param(BACKEND, (MINIMUM, EVERYTHING, PLACED), id="everything"),
    pytest.param(DYNAMODB_LOCAL, (), id="dynamodb-local"),
    pytest.param(DYNAMODB_LOCAL, ({"persistence": {"enabled": True}}, PLACED), id="dynamodb-local-claim"),
])

# Kinds that Kubernetes does not define: the module that does, and the file of the schema there.
OPERATOR = "github.com/prometheus-operator/prometheus-operator@v0.85.0"
CUSTOM_RESOURCES = {
    "ServiceMonitor": (OPERATOR, "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml"),
    "PrometheusRule": (OPERATOR, "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml"),
    "HTTPRoute": ("sigs.k8s.io/gateway-api@v1.4.0", "config/crd/standard/gateway.networking.k8s.io_httproutes.yaml"),
}


@CHARTS
@pytest.mark.parametrize("helm", HELMS)
def test_helm_has_nothing_to_say(chart: Path, helm: str) -> None:
    for kube_version in (OLDEST, NEWEST):
        subprocess.run([helm, "lint", "--strict", "--kube-version", kube_version, chart], check=True)


@DOCUMENTS
@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_every_manifest_is_valid_for_kubernetes(chart: Path, values: tuple[Any, ...], version: str) -> None:
    for manifest in render(*values, chart=chart, kube_version=version):
        if manifest["kind"] not in CUSTOM_RESOURCES:
            kubernetes_validate.validate(manifest, version, strict=True)


@pytest.mark.parametrize("kind", CUSTOM_RESOURCES)
def test_the_custom_resources_are_valid_for_who_defines_them(kind: str) -> None:
    def closed(schema: Any) -> Any:
        """Refuses unknown fields, as the API server's strict decoding does."""
        if isinstance(schema, list):
            return [closed(entry) for entry in schema]
        if not isinstance(schema, dict):
            return schema
        open_object = "properties" in schema and "additionalProperties" not in schema
        return {key: closed(value) for key, value in schema.items()} | ({"additionalProperties": False} if open_object else {})

    module, file = CUSTOM_RESOURCES[kind]
    directory = subprocess.check_output(["go", "list", "-m", "-f", "{{.Dir}}", module], text=True, cwd="/").strip()
    versions = yaml.safe_load(Path(directory, file).read_text())["spec"]["versions"]
    schema = closed(next(version["schema"]["openAPIV3Schema"] for version in versions if version["storage"]))
    manifest = render(MINIMUM, EVERYTHING).one(kind)
    assert not [error.message for error in kubernetes_validate.utils.jsonschema.Draft7Validator(schema).iter_errors(manifest)]


@DOCUMENTS
@pytest.mark.parametrize("name", ["backend", "123456"])
def test_kustomize_reads_every_manifest(chart: Path, values: tuple[Any, ...], name: str, tmp_path: Path) -> None:
    """kustomize refuses a key that comes twice, and a label or an annotation that is no string."""
    (tmp_path / "all.yaml").write_text(text_of(*values, chart=chart, release=name, namespace=name))
    (tmp_path / "kustomization.yaml").write_text("resources: [all.yaml]")
    subprocess.run(["kustomize", "build", tmp_path], check=True, stdout=subprocess.DEVNULL)


@DOCUMENTS
def test_every_object_has_the_recommended_labels_and_the_release_s_namespace(chart: Path, values: tuple[Any, ...]) -> None:
    names = {f"app.kubernetes.io/{name}" for name in ("name", "instance", "component", "part-of", "version", "managed-by")}
    for manifest in render(*values, chart=chart, release="123456", namespace="blue"):
        labels = manifest["metadata"]["labels"]
        assert names <= labels.keys() and labels["app.kubernetes.io/instance"] == "123456"
        assert manifest["metadata"]["namespace"] == "blue"


@CHARTS
@pytest.mark.parametrize(("release", "name"), [("", "{0}"), ("blue", "blue-{0}"), ("blue-{0}", "blue-{0}"), ("123456", "{0}-123456")])
def test_every_object_has_the_name_of_the_release(chart: Path, release: str, name: str) -> None:
    manifests = render(MINIMUM if chart == BACKEND else {"persistence": {"enabled": True}}, chart=chart, release=release.format(chart.name))
    names = {m["metadata"]["name"] for m in manifests if m["kind"] != "ServiceAccount"}
    assert {re.sub("-(smoke|test|table)$", "", each) for each in names} == {name.format(chart.name)}


@DOCUMENTS
def test_no_pod_runs_as_root(chart: Path, values: tuple[Any, ...]) -> None:
    """What else Pod Security "restricted" asks for is checkov's to see."""
    assert all(pod["securityContext"]["runAsNonRoot"] for pod in render(*values, chart=chart).pods())


@CHARTS
def test_both_pods_go_where_they_are_told_with_the_registry_s_secrets(chart: Path) -> None:
    for pod in render(MINIMUM if chart == BACKEND else {}, PLACED, chart=chart).pods():
        assert pod | PLACED == pod


@CHARTS
def test_the_pod_of_helm_test_ends_by_itself_and_is_not_taken_for_a_server(chart: Path) -> None:
    manifests = render(MINIMUM if chart == BACKEND else {}, chart=chart)
    pod = manifests.one("Pod")
    hook = {"helm.sh/hook": "test", "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded"}
    assert pod["metadata"]["annotations"] | hook == pod["metadata"]["annotations"]
    assert (pod["spec"]["restartPolicy"], pod["spec"]["activeDeadlineSeconds"]) == ("Never", 120)
    deployment = manifests.one("Deployment")
    budgets = [budget["spec"]["selector"]["matchLabels"] for budget in manifests.of("PodDisruptionBudget")]
    for selector in (manifests.one("Service")["spec"]["selector"], *budgets):
        assert selector.items() <= deployment["spec"]["template"]["metadata"]["labels"].items()
        assert not selector.items() <= pod["metadata"]["labels"].items()


@pytest.mark.parametrize("helm", HELMS)
def test_a_parent_may_have_two_of_a_chart(helm: str, tmp_path: Path) -> None:
    aliases = {"one": BACKEND, "two": BACKEND, "store": DYNAMODB_LOCAL}
    dependencies = [{"name": chart.name, "version": "*", "alias": alias} for alias, chart in aliases.items()]
    for chart in (BACKEND, DYNAMODB_LOCAL):
        shutil.copytree(chart, tmp_path / "charts" / chart.name)
    about = {"apiVersion": "v2", "name": "shop", "version": "1.0.0", "dependencies": dependencies}
    (tmp_path / "Chart.yaml").write_text(yaml.safe_dump(about))
    values = {"global": {"any": "thing"}, "one": MINIMUM, "two": MINIMUM}
    manifests = render(values, chart=tmp_path, release="shop", helm=helm)
    objects = [(m["kind"], m["metadata"]["name"]) for m in manifests]
    assert len(objects) == len(set(objects))
    assert {name for kind, name in objects if kind == "Service"} == {"shop-one", "shop-two", "shop-store"}


@DOCUMENTS
def test_helm_3_and_helm_4_render_the_same(chart: Path, values: tuple[Any, ...]) -> None:
    three, four = (render(*values, chart=chart, helm=helm) for helm in HELMS)
    assert three == four


@CHARTS
def test_the_version_is_that_of_the_service(chart: Path) -> None:
    about = yaml.safe_load((chart / "Chart.yaml").read_text())
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]["version"]
    assert (about["version"], about["appVersion"]) == (version, version)


@CHARTS
def test_the_readme_is_what_helm_docs_makes_of_the_values_and_has_each_that_the_schema_knows(chart: Path) -> None:
    """The schema takes no other (helm lint shows that it takes these), but for the fields of Kubernetes' own objects."""
    def declared(schema: dict[str, Any], at: str = "") -> set[str]:
        if not schema.get("properties") or at == ".settings":
            return {at}
        assert schema["additionalProperties"] is False, at
        return {path for key, inner in schema["properties"].items() for path in declared(inner, f"{at}.{key}")}

    command = f"helm-docs --chart-search-root {chart} --sort-values-order file --ignore-non-descriptions"
    written = subprocess.check_output([*command.split(), "--dry-run"], text=True)
    readme = (chart / "README.md").read_text()
    assert written.rstrip("\n") == readme.rstrip("\n"), f"run: {command}"
    schema = declared(json.loads((chart / "values.schema.json").read_text())) - {".global"}
    assert schema and not [path for path in schema if f"\n| {path[1:]} |" not in readme]


@CHARTS
def test_the_package_holds_no_development_files(chart: Path, tmp_path: Path) -> None:
    subprocess.run(["helm", "package", chart, "--destination", tmp_path], check=True, capture_output=True)
    [archive] = tmp_path.iterdir()
    names = subprocess.check_output(["tar", "--list", "--file", archive], text=True).split()
    expected = r"/(Chart\.yaml|values(\.local)?\.yaml|values\.schema\.json|dashboard\.yaml|README\.md|templates/.*|\.helmignore)$"
    assert not [name for name in names if not re.search(expected, name)]
