"""What the backend's chart renders for the pods: settings, drain, scaling, security."""

from __future__ import annotations

from typing import Any

import pytest
from chart import EVERY_DOCUMENT, LOCAL, MINIMUM, render

DEFAULT = render(MINIMUM)


# Settings

@pytest.mark.parametrize(("values", "env"), [
    (MINIMUM, {"DYNAMODB_ENDPOINT": "https://dynamodb.eu-west-1.amazonaws.com", "DYNAMODB_TABLE": "users", "AWS_REGION": "eu-west-1"}),
    (MINIMUM | {"dynamodb": {"endpoint": "", "region": "us-east-1"}}, {"DYNAMODB_TABLE": "users", "AWS_REGION": "us-east-1"}),
    (LOCAL, {"DYNAMODB_ENDPOINT": "http://dynamodb-local:8000", "DYNAMODB_TABLE": "users", "AWS_REGION": "eu-west-1",
             "AWS_ACCESS_KEY_ID": "fake", "AWS_SECRET_ACCESS_KEY": "fake"}),
])
def test_the_store_is_dynamodb_and_only_the_local_one_has_credentials(values: Any, env: dict[str, str]) -> None:
    found = render(values).env()
    assert found["STORE"] == "dynamodb"
    assert {name: value for name, value in found.items() if name.startswith(("DYNAMODB_", "AWS_"))} == env


# Drain

def test_the_grace_period_is_the_drain_and_a_margin() -> None:
    manifests = render(MINIMUM, {"drain": {"delaySeconds": 20, "timeoutSeconds": 40, "marginSeconds": 7}})
    assert (manifests.env()["DRAIN_DELAY"], manifests.env()["DRAIN_TIMEOUT"]) == ("20s", "40s")
    assert manifests.pod()["terminationGracePeriodSeconds"] == 67
    assert "lifecycle" not in manifests.container()


# Rollout and scaling

@EVERY_DOCUMENT
def test_a_rollout_takes_no_pod_away_before_the_next_is_ready(document: Any) -> None:
    assert render(document).one("Deployment")["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


# With a cluster to look at, tests/helm/cluster shows that the pods that are there stay.
@pytest.mark.parametrize(("values", "replicas", "budget"), [
    ({"hpa": {"enabled": True, "minReplicas": 1}, "replicaCount": 5}, None, False),
    ({"hpa": {"enabled": True, "minReplicas": 2}, "replicaCount": 1}, None, True),
    ({"hpa": {"enabled": False}, "replicaCount": 1}, 1, False),
    ({"hpa": {"enabled": False}, "replicaCount": 2}, 2, True),
    ({"hpa": {"enabled": False}, "replicaCount": None}, None, True),
    ({"hpa": {"enabled": True}, "pdb": {"enabled": False}}, None, False),
])
def test_one_owner_says_how_many_and_the_budget_follows_the_fewest(values: dict[str, Any], replicas: int | None, budget: bool) -> None:
    manifests = render(MINIMUM, values)
    assert manifests.one("Deployment")["spec"].get("replicas") == replicas
    assert any(manifests.of("HorizontalPodAutoscaler")) is values["hpa"]["enabled"]
    assert any(manifests.of("PodDisruptionBudget")) is budget


@pytest.mark.parametrize(("pdb", "field"), [
    ({}, {"maxUnavailable": 1}),
    ({"maxUnavailable": "25%"}, {"maxUnavailable": "25%"}),
    ({"maxUnavailable": 0}, {"maxUnavailable": 0}),
    ({"minAvailable": 1}, {"minAvailable": 1}),
])
def test_the_disruption_budget_has_one_field(pdb: dict[str, Any], field: dict[str, Any]) -> None:
    spec = render(MINIMUM, {"pdb": pdb}).one("PodDisruptionBudget")["spec"]
    assert {key: value for key, value in spec.items() if key.endswith("vailable")} == field


def test_the_hpa_scales_this_deployment_by_cpu_or_by_what_is_given() -> None:
    def hpa(**values: Any) -> dict[str, Any]:
        return render(MINIMUM, {"hpa": values}).one("HorizontalPodAutoscaler")["spec"]

    slowly = {"scaleDown": {"stabilizationWindowSeconds": 9}}
    by_cpu = hpa(targetCPUUtilizationPercentage=250, maxReplicas=30, behavior=slowly)
    assert by_cpu["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "backend"}
    [metric] = by_cpu["metrics"]
    assert metric["resource"] == {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 250}}
    assert by_cpu["maxReplicas"] == 30 and by_cpu["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 9
    default = hpa()
    assert (default["minReplicas"], default["maxReplicas"], default["metrics"][0]["resource"]["target"]["averageUtilization"]) == (2, 10, 70)
    by_pods = hpa(metrics=[{"type": "Pods"}], minReplicas=3, behavior=None)
    assert by_pods["metrics"] == [{"type": "Pods"}] and by_pods["minReplicas"] == 3 and "behavior" not in by_pods


def test_pods_spread_over_zones_and_hosts_or_as_told() -> None:
    spread = DEFAULT.pod()["topologySpreadConstraints"]
    assert [s["topologyKey"] for s in spread] == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
    selector = DEFAULT.one("Deployment")["spec"]["selector"]
    assert all(s["labelSelector"] == selector and s["matchLabelKeys"] == ["pod-template-hash"] for s in spread)
    own = [{"topologyKey": "rack", "maxSkew": 2, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": {"a": "b"}}}]
    assert render(MINIMUM, {"topologySpreadConstraints": own}).pod()["topologySpreadConstraints"] == own
    assert "topologySpreadConstraints" not in render(MINIMUM, {"topologySpreadConstraints": []}).pod()


# Pods

def test_liveness_asks_the_process_and_readiness_the_store() -> None:
    paths = {probe: DEFAULT.container()[f"{probe}Probe"]["httpGet"]["path"] for probe in ("startup", "liveness", "readiness")}
    assert paths == {"startup": "/health", "liveness": "/health", "readiness": "/ready"}


def test_what_users_add_to_the_pod_the_container_and_the_rollout_is_there() -> None:
    volumes, mounts = [{"name": "ca", "configMap": {"name": "ca"}}], [{"name": "ca", "mountPath": "/ca"}]
    placed = {"affinity": {"podAntiAffinity": {}}, "priorityClassName": "1e3"}
    settings = {"settings": {"MAX_CONCURRENT_REQUESTS": 65536}, "extraEnv": [{"name": "A", "value": "b"}]}
    mounted = {"extraVolumes": volumes, "extraVolumeMounts": mounts}
    manifests = render(MINIMUM, placed, settings, mounted, {"minReadySeconds": 9})
    assert manifests.env() | {"MAX_CONCURRENT_REQUESTS": "65536", "A": "b"} == manifests.env()
    assert manifests.pod() | placed | {"volumes": volumes} == manifests.pod()
    assert manifests.container()["volumeMounts"] == mounts
    assert manifests.one("Deployment")["spec"]["minReadySeconds"] == 9


@pytest.mark.parametrize(("values", "release", "url"), [
    ({}, "backend", "http://backend"), ({"service": {"port": 8080}}, "blue", "http://blue-backend:8080"),
])
def test_the_smoke_test_asks_the_service_as_nobody_and_keeps_its_log_if_it_fails(values: dict[str, Any], release: str, url: str) -> None:
    manifests = render(MINIMUM, values, release=release)
    test = manifests.one("Pod")
    assert test["spec"]["containers"][0]["args"] == ["smoke", url]
    assert test["metadata"]["annotations"]["helm.sh/hook-output-log-policy"] == "hook-failed"
    assert {pod["securityContext"]["runAsUser"] for pod in manifests.pods()} == {65532}
