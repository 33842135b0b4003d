"""What the backend's chart renders."""

from __future__ import annotations

from typing import Any

import pytest
from chart import LOCAL, MINIMUM, ENVIRONMENTS, VALUES, Manifests, render

ENVIRONMENT_FILES = [pytest.param(VALUES / f"{environment}.yaml", id=environment) for environment in ENVIRONMENTS]
DOCUMENTS = [pytest.param(MINIMUM, id="default"), pytest.param(LOCAL, id="local"), *ENVIRONMENT_FILES]


@pytest.fixture
def default() -> Manifests:
    return render(MINIMUM)


@pytest.fixture
def local() -> Manifests:
    return render(LOCAL)


def annotations(manifests: Manifests) -> dict[str, str]:
    return manifests.one("Ingress")["metadata"].get("annotations", {})


# Names

@pytest.mark.parametrize("kind", ["Deployment", "Service", "Ingress", "HorizontalPodAutoscaler", "PodDisruptionBudget"])
def test_the_release_backend_names_its_objects_backend(default: Manifests, kind: str) -> None:
    assert default.one(kind)["metadata"] | {"name": "backend", "namespace": "dev"} == default.one(kind)["metadata"]


def test_another_release_has_names_of_its_own() -> None:
    assert render(MINIMUM, release="blue").one("Deployment")["metadata"]["name"] == "blue-backend"


@pytest.mark.parametrize(("environment", "account", "role"), [
    ("", "backend-sa", "backend-irsa-role"),
    ("dev", "dev-backend-sa", "dev-backend-irsa-role"),
])
def test_service_account_and_role_carry_the_environment(environment: str, account: str, role: str) -> None:
    manifests = render(MINIMUM, {"environment": environment})
    service_account = manifests.one("ServiceAccount")
    assert service_account["metadata"]["name"] == manifests.pod()["serviceAccountName"] == account
    assert service_account["metadata"]["annotations"] == {
        "eks.amazonaws.com/role-arn": f"arn:aws:iam::123456789012:role/{role}"
    }


@pytest.mark.parametrize("account", [123456789012, "123456789012", 410000000000, "012345678901"])
def test_the_account_id_may_be_a_number_or_a_string(account: int | str) -> None:
    annotation = render({"aws": {"accountId": account}}).one("ServiceAccount")["metadata"]["annotations"]
    assert annotation["eks.amazonaws.com/role-arn"] == f"arn:aws:iam::{account}:role/backend-irsa-role"


@pytest.mark.parametrize(("role", "arn"), [
    ("team/reader", "arn:aws:iam::123456789012:role/team/reader"),
    ("arn:aws:iam::999999999999:role/reader", "arn:aws:iam::999999999999:role/reader"),
    ("arn:aws-us-gov:iam::999999999999:role/reader", "arn:aws-us-gov:iam::999999999999:role/reader"),
])
def test_the_role_is_a_name_or_an_arn(role: str, arn: str) -> None:
    service_account = render(MINIMUM, {"aws": {"irsa": {"roleName": role}}}).one("ServiceAccount")
    assert service_account["metadata"]["annotations"]["eks.amazonaws.com/role-arn"] == arn


def test_an_arn_needs_no_account_id() -> None:
    assert render({"aws": {"irsa": {"roleName": "arn:aws:iam::999999999999:role/reader"}}})


def test_without_irsa_the_service_account_has_no_role() -> None:
    assert "annotations" not in render({"aws": {"irsa": {"enabled": False}}}).one("ServiceAccount")["metadata"]


# Image

ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
DIGEST = "sha256:" + "a1" * 32


@pytest.mark.parametrize(("image", "reference"), [
    ({}, "backend-cloud-app:1.0.0"),
    ({"tag": "2.0.0"}, "backend-cloud-app:2.0.0"),
    ({"tag": "2.0.0", "digest": DIGEST}, f"backend-cloud-app@{DIGEST}"),
    ({"tag": "latest", "digest": DIGEST}, f"backend-cloud-app@{DIGEST}"),
    ({"repository": ECR}, f"{ECR}/backend-cloud-app:1.0.0"),
    ({"repository": f"{ECR}/"}, f"{ECR}/backend-cloud-app:1.0.0"),
    ({"repository": f"{ECR}/backend-cloud-app"}, f"{ECR}/backend-cloud-app:1.0.0"),
    ({"repository": f"{ECR}/team", "name": "greeter"}, f"{ECR}/team/greeter:1.0.0"),
    ({"repository": "backend-cloud-app"}, "backend-cloud-app:1.0.0"),
])
def test_the_image_is_named_by_its_parts(image: dict[str, str], reference: str) -> None:
    manifests = render(MINIMUM, {"image": image})
    assert manifests.container()["image"] == reference
    assert manifests.one("Pod")["spec"]["containers"][0]["image"] == reference, "the test runs the same image"


@pytest.mark.parametrize(("tag", "label"), [("a" * 128, "a" * 63), ("_v1-", "v1"), ("", "1.0.0")])
def test_the_version_label_is_valid_for_every_tag(tag: str, label: str) -> None:
    metadata = render(MINIMUM, {"image": {"tag": tag}}).one("Deployment")["metadata"]
    assert metadata["labels"]["app.kubernetes.io/version"] == label


# Settings

def test_the_store_is_always_dynamodb(default: Manifests, local: Manifests) -> None:
    assert default.env()["STORE"] == local.env()["STORE"] == "dynamodb"


def test_the_table_endpoint_and_region_are_given(default: Manifests) -> None:
    assert default.env() | {
        "DYNAMODB_ENDPOINT": "https://dynamodb.eu-west-1.amazonaws.com",
        "DYNAMODB_TABLE": "users",
        "AWS_REGION": "eu-west-1",
    } == default.env()


def test_an_empty_endpoint_leaves_it_to_the_service() -> None:
    env = render(MINIMUM, {"dynamodb": {"endpoint": "", "region": "us-east-1"}}).env()
    assert "DYNAMODB_ENDPOINT" not in env
    assert env["AWS_REGION"] == "us-east-1"


@pytest.mark.parametrize(("document", "fake"), [(MINIMUM, False), (LOCAL, True)], ids=["default", "local"])
def test_only_the_local_environment_has_credentials(document: dict[str, Any], fake: bool) -> None:
    env = render(document).env()
    assert ("AWS_ACCESS_KEY_ID" in env, "AWS_SECRET_ACCESS_KEY" in env) == (fake, fake)


def test_more_settings_keep_their_names() -> None:
    env = render(MINIMUM, {"settings": {"LOG_LEVEL": "debug", "MAX_CONCURRENT_REQUESTS": 65536}}).env()
    assert (env["LOG_LEVEL"], env["MAX_CONCURRENT_REQUESTS"]) == ("debug", "65536")


# Drain

def test_the_grace_period_is_the_drain_and_a_margin() -> None:
    manifests = render(MINIMUM, {"drain": {"delaySeconds": 20, "timeoutSeconds": 40, "marginSeconds": 7}})
    assert (manifests.env()["DRAIN_DELAY"], manifests.env()["DRAIN_TIMEOUT"]) == ("20s", "40s")
    assert manifests.pod()["terminationGracePeriodSeconds"] == 67
    assert "lifecycle" not in manifests.container()


def test_the_load_balancer_lets_go_within_the_drain(default: Manifests) -> None:
    attributes = annotations(default)["alb.ingress.kubernetes.io/target-group-attributes"]
    delay = int(attributes.removeprefix("deregistration_delay.timeout_seconds="))
    assert delay <= int(default.env()["DRAIN_TIMEOUT"].removesuffix("s"))


def test_the_load_balancer_closes_idle_connections_first() -> None:
    manifests = render(MINIMUM, {"ingress": {"idleTimeoutSeconds": 50}})
    attributes = annotations(manifests)["alb.ingress.kubernetes.io/load-balancer-attributes"]
    assert (attributes, manifests.env()["IDLE_TIMEOUT"]) == ("idle_timeout.timeout_seconds=50", "55s")


# Rollout and scaling

@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_rollout_takes_no_pod_away_before_the_next_is_ready(document: Any) -> None:
    deployment = render(document).one("Deployment")["spec"]
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_only_one_of_deployment_and_hpa_says_how_many(default: Manifests, local: Manifests) -> None:
    assert "replicas" not in default.one("Deployment")["spec"]
    assert default.one("HorizontalPodAutoscaler")["spec"]["minReplicas"] == 2
    assert local.one("Deployment")["spec"]["replicas"] == 1
    assert not list(local.of("HorizontalPodAutoscaler"))


def test_the_hpa_scales_this_deployment_by_cpu_and_with_a_behaviour(default: Manifests) -> None:
    hpa = default.one("HorizontalPodAutoscaler")["spec"]
    assert hpa["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "backend"}
    assert (hpa["minReplicas"], hpa["maxReplicas"]) == (2, 10)
    assert hpa["metrics"][0]["resource"] == {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}
    assert hpa["behavior"].keys() == {"scaleUp", "scaleDown"}


@pytest.mark.parametrize(("values", "budget"), [
    ({"hpa": {"enabled": True, "minReplicas": 1}, "replicaCount": 5}, False),
    ({"hpa": {"enabled": True, "minReplicas": 2}, "replicaCount": 1}, True),
    ({"hpa": {"enabled": False}, "replicaCount": 1}, False),
    ({"hpa": {"enabled": False}, "replicaCount": 2}, True),
])
def test_a_disruption_budget_is_there_when_the_minimum_is_over_one(values: dict[str, Any], budget: bool) -> None:
    assert bool(list(render(MINIMUM, values).of("PodDisruptionBudget"))) is budget


def test_pods_spread_over_zones_and_hosts(default: Manifests) -> None:
    spread = default.pod()["topologySpreadConstraints"]
    assert [s["topologyKey"] for s in spread] == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
    assert all(s["labelSelector"] == default.one("Deployment")["spec"]["selector"] for s in spread)


def test_selectors_depend_on_the_release_alone() -> None:
    one = render(MINIMUM).one("Deployment")["spec"]
    other = render(LOCAL, {"image": {"tag": "9"}, "podLabels": {"team": "a"}}).one("Deployment")["spec"]
    assert one["selector"] == other["selector"]
    assert one["selector"]["matchLabels"].items() <= other["template"]["metadata"]["labels"].items()


def test_no_selector_takes_the_test_for_a_server(default: Manifests) -> None:
    labels = default.one("Pod")["metadata"]["labels"].items()
    budget = default.one("PodDisruptionBudget")["spec"]["selector"]["matchLabels"]
    for selector in (default.one("Service")["spec"]["selector"], budget):
        assert not selector.items() <= labels


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_object_has_the_recommended_labels_and_the_namespace(document: Any) -> None:
    names = ("name", "instance", "component", "part-of", "version", "managed-by")
    for manifest in render(document, namespace="blue"):
        assert {f"app.kubernetes.io/{name}" for name in names} <= manifest["metadata"]["labels"].keys()
        assert manifest["metadata"]["namespace"] == "blue"


# Probes

def test_liveness_asks_the_process_and_readiness_the_store(default: Manifests) -> None:
    container = default.container()
    paths = {probe: container[f"{probe}Probe"]["httpGet"]["path"] for probe in ("startup", "liveness", "readiness")}
    assert paths == {"startup": "/health", "liveness": "/health", "readiness": "/ready"}


# Security

@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_pod_is_restricted(document: Any) -> None:
    for name, pod in render(document).pod_specs():
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"] | {
            "runAsNonRoot": True, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"},
        } == pod["securityContext"], name
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_container_asks_for_cpu_and_memory(document: Any) -> None:
    for name, pod in render(document).pod_specs():
        for container in pod["containers"]:
            assert {"cpu", "memory"} <= container["resources"]["requests"].keys(), name


def rules(manifests: Manifests, direction: str, name: str = "backend") -> list[dict[str, Any]]:
    return manifests.one("NetworkPolicy", name)["spec"].get(direction, [])


def test_only_load_balancer_collector_and_test_get_in() -> None:
    manifests = render(VALUES / "dev.yaml", {"networkPolicy": {"collectorNamespace": "telemetry"}})
    [rule] = rules(manifests, "ingress")
    assert [peer["ipBlock"]["cidr"] for peer in rule["from"][:3]] == ["10.0.0.0/20", "10.0.16.0/20", "10.0.32.0/20"]
    assert rule["from"][3]["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "telemetry"}
    assert rule["from"][4]["podSelector"]["matchLabels"].items() <= manifests.one("Pod")["metadata"]["labels"].items()
    assert rule["ports"] == [{"port": 8888, "protocol": "TCP"}]


def test_only_names_and_tls_get_out_and_never_the_instance_metadata(default: Manifests) -> None:
    dns, tls = rules(default, "egress")
    assert {(port["port"], port["protocol"]) for port in dns["ports"]} == {(53, "UDP"), (53, "TCP")}
    assert tls["ports"] == [{"port": 443, "protocol": "TCP"}]
    assert tls["to"] == [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}}]


def test_the_local_store_is_allowed_where_it_is_used(local: Manifests) -> None:
    store = rules(local, "egress")[-1]
    assert store["to"] == [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "dynamodb-local"}}}]
    assert store["ports"] == [{"port": 8000, "protocol": "TCP"}]


def test_the_test_may_only_ask_for_names_and_the_service(default: Manifests) -> None:
    assert not rules(default, "ingress", "backend-smoke")
    _, service = rules(default, "egress", "backend-smoke")
    assert service["to"][0]["podSelector"] == default.one("Deployment")["spec"]["selector"]
    assert service["ports"] == [{"port": 8888, "protocol": "TCP"}]


def test_the_network_policies_can_be_turned_off() -> None:
    assert not list(render(MINIMUM, {"networkPolicy": {"enabled": False}}).of("NetworkPolicy"))


# Ingress

@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_ingress_exposes_greetings_and_health_only(document: Any) -> None:
    [rule] = render(document).one("Ingress")["spec"]["rules"]
    paths = {path["path"]: path["pathType"] for path in rule["http"]["paths"]}
    assert paths == {"/hello": "Prefix", "/health": "Exact"}


def test_the_load_balancer_is_public_and_redirects_to_https(default: Manifests) -> None:
    prefix = "alb.ingress.kubernetes.io/"
    assert annotations(default) | {
        f"{prefix}scheme": "internet-facing",
        f"{prefix}target-type": "ip",
        f"{prefix}listen-ports": '[{"HTTP": 80}, {"HTTPS": 443}]',
        f"{prefix}ssl-redirect": "443",
        f"{prefix}healthcheck-path": "/ready",
        f"{prefix}load-balancer-attributes": "idle_timeout.timeout_seconds=30",
    } == annotations(default)
    assert f"{prefix}certificate-arn" not in annotations(default)


@pytest.mark.parametrize("environment", ENVIRONMENT_FILES)
def test_an_environment_has_its_host_and_certificate(environment: Any) -> None:
    manifests = render(environment)
    assert manifests.one("Ingress")["spec"]["rules"][0]["host"].endswith("greetings.example.com")
    assert annotations(manifests)["alb.ingress.kubernetes.io/certificate-arn"].startswith("arn:aws:acm:")


def test_an_annotation_of_ones_own_wins() -> None:
    key = "alb.ingress.kubernetes.io/target-group-attributes"
    own = annotations(render(MINIMUM, {"ingress": {"annotations": {key: "stickiness.enabled=true"}}}))
    assert own[key] == "stickiness.enabled=true"


def test_the_local_ingress_is_nginx_without_a_rewrite(local: Manifests) -> None:
    ingress = local.one("Ingress")
    assert (ingress["spec"]["ingressClassName"], ingress["spec"]["rules"][0]["host"]) == ("nginx", "backend.local")
    assert not annotations(local)


def test_a_certificate_in_a_secret_is_for_the_host() -> None:
    ingress = render(LOCAL, {"ingress": {"tlsSecretName": "cert"}}).one("Ingress")
    assert ingress["spec"]["tls"] == [{"secretName": "cert", "hosts": ["backend.local"]}]


def test_the_ingress_can_be_turned_off() -> None:
    assert not list(render(MINIMUM, {"ingress": {"enabled": False}}).of("Ingress"))


# Service, metrics and the rest

def test_the_service_forwards_to_the_container(default: Manifests, local: Manifests) -> None:
    [port] = default.one("Service")["spec"]["ports"]
    assert (port["port"], port["targetPort"], default.container()["ports"][0]["name"]) == (80, "http", "http")
    assert (default.one("Service")["spec"]["type"], local.one("Service")["spec"]["type"]) == ("ClusterIP", "NodePort")
    assert default.one("Service")["spec"]["selector"] == default.one("Deployment")["spec"]["selector"]["matchLabels"]


def test_metrics_are_found_by_annotation_or_by_monitor_but_not_by_both(default: Manifests) -> None:
    annotated = default.one("Deployment")["spec"]["template"]["metadata"]["annotations"]
    assert annotated == {"prometheus.io/scrape": "true", "prometheus.io/port": "8888", "prometheus.io/path": "/metrics"}
    assert not list(default.of("ServiceMonitor")) and not list(default.of("PrometheusRule"))
    monitored = render(MINIMUM, {"metrics": {"serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}}}})
    assert "annotations" not in monitored.one("Deployment")["spec"]["template"]["metadata"]
    monitor = monitored.one("ServiceMonitor")
    assert monitor["spec"]["selector"]["matchLabels"].items() <= monitored.one("Service")["metadata"]["labels"].items()
    assert monitor["metadata"]["labels"]["release"] == "prometheus"


def test_the_smoke_test_asks_the_service_by_its_name() -> None:
    pod = render(MINIMUM, release="blue").one("Pod")
    assert pod["metadata"]["annotations"]["helm.sh/hook"] == "test"
    assert pod["spec"]["containers"][0]["args"] == ["smoke", "http://blue-backend"]
    assert pod["spec"]["restartPolicy"] == "Never"


@pytest.mark.parametrize(("value", "key", "content"), [
    ("nodeSelector", "nodeSelector", {"kubernetes.io/arch": "arm64"}),
    ("tolerations", "tolerations", [{"key": "spot", "operator": "Exists"}]),
    ("affinity", "affinity", {"podAntiAffinity": {}}),
    ("priorityClassName", "priorityClassName", "high"),
    ("imagePullSecrets", "imagePullSecrets", [{"name": "registry"}]),
])
def test_what_users_add_to_the_pod_is_there(value: str, key: str, content: Any) -> None:
    assert render(MINIMUM, {value: content}).pod()[key] == content


def test_labels_and_annotations_can_be_added_to_the_pod() -> None:
    metadata = render(MINIMUM, {"podLabels": {"team": "a"}, "podAnnotations": {"note": "b"}}).one("Deployment")
    metadata = metadata["spec"]["template"]["metadata"]
    assert (metadata["labels"]["team"], metadata["annotations"]["note"]) == ("a", "b")
