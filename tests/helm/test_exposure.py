"""What the backend's chart renders for those who reach the pods: Service, Ingress, HTTPRoute, network policies, metrics."""

from __future__ import annotations

import json
from typing import Any

import pytest
from chart import EVERY_DOCUMENT, LOCAL, MINIMUM, TERRAFORM, Manifests, render

ALB = "alb.ingress.kubernetes.io/"
BALANCER, TARGETS = f"{ALB}load-balancer-attributes", f"{ALB}target-group-attributes"
DEFAULT = render(MINIMUM)


def ingress(*values: Any) -> dict[str, Any]:
    return render(*values).one("Ingress", "backend")


def annotations(*values: Any) -> dict[str, str]:
    return ingress(*values)["metadata"].get("annotations", {})


# Service and Ingress

def test_the_service_forwards_to_the_container() -> None:
    service = DEFAULT.one("Service")["spec"]
    [port], [own] = service["ports"], DEFAULT.container()["ports"]
    assert (port["port"], port["targetPort"], own["containerPort"], DEFAULT.env()["PORT"]) == (80, 8888, 8888, "8888")
    assert service["type"] == "ClusterIP"
    assert service["selector"] == DEFAULT.one("Deployment")["spec"]["selector"]["matchLabels"]


@pytest.mark.parametrize(("tls", "scheme", "ports", "others"), [
    (True, "internet-facing", [{"HTTP": 80}, {"HTTPS": 443}], {"ssl-redirect": "443", "certificate-arn": "arn:aws:acm:x"}),
    # A prefix list counts for each port, and a security group takes one only.
    (True, "internal", [{"HTTPS": 443}], {"security-group-prefix-lists": "pl-1", "certificate-arn": "arn:aws:acm:x"}),
    (False, "internet-facing", [{"HTTP": 80}], {}),
    (False, "internal", [{"HTTP": 80}], {"security-group-prefix-lists": "pl-1"}),
])
def test_each_load_balancer_has_an_ingress_its_ports_and_those_who_may_call(tls: bool, scheme: str, ports: Any, others: Any) -> None:
    values = {"tls": tls, "schemes": ["internet-facing", "internal"], "prefixLists": ["pl-1"], "acmCertificateArn": "arn:aws:acm:x"}
    found = {m["metadata"]["name"]: m["metadata"]["annotations"] for m in render(MINIMUM, {"ingress": values}).of("Ingress")}
    given = found["backend-internal" if scheme == "internal" else "backend"]
    assert len(found) == 2 and given[f"{ALB}scheme"] == scheme and json.loads(given[f"{ALB}listen-ports"]) == ports
    named = ("ssl-redirect", "certificate-arn", "security-group-prefix-lists")
    assert others == {name: given[f"{ALB}{name}"] for name in named if f"{ALB}{name}" in given}


@EVERY_DOCUMENT
def test_ingress_and_route_expose_greetings_and_health_only(document: Any) -> None:
    route = {"enabled": True, "parentRefs": [{"name": "edge"}], "hostnames": ["a.example"]}
    manifests = render(document, {"httpRoute": route, "service": {"port": 81}})
    for rule in (rule for each in manifests.of("Ingress") for rule in each["spec"]["rules"]):
        paths = {path["path"]: path["pathType"] for path in rule["http"]["paths"]}
        assert paths == {"/hello": "Prefix", "/health": "Exact"}
    spec = manifests.one("HTTPRoute")["spec"]
    [rule] = spec["rules"]
    assert spec | {"parentRefs": [{"name": "edge"}], "hostnames": ["a.example"]} == spec
    assert rule["backendRefs"] == [{"name": "backend", "port": 81}]
    assert manifests.one("Service")["spec"]["ports"][0]["port"] == 81
    matches = {match["path"]["value"]: match["path"]["type"] for match in rule["matches"]}
    assert matches == {"/hello": "PathPrefix", "/health": "Exact"}


@pytest.mark.parametrize(("values", "hosts"), [
    ({}, [None]),
    ({"host": "a.example"}, ["a.example"]),
    ({"hosts": ["b.example", "c.example"]}, ["b.example", "c.example"]),
    ({"host": "a.example", "hosts": ["b.example", "a.example"]}, ["a.example", "b.example"]),
])
def test_the_ingress_has_a_rule_for_each_host_and_one_certificate_for_all(values: dict[str, Any], hosts: list[Any]) -> None:
    spec = ingress(MINIMUM, {"ingress": values | {"tlsSecretName": "cert"}})["spec"]
    assert [rule.get("host") for rule in spec["rules"]] == hosts
    assert spec["tls"] == [{"secretName": "cert"} | ({"hosts": hosts} if hosts != [None] else {})]


def test_the_load_balancer_is_public_and_asks_each_pod_whether_it_is_ready() -> None:
    wanted = {f"{ALB}scheme": "internet-facing", f"{ALB}target-type": "ip", f"{ALB}healthcheck-path": "/ready"}
    assert annotations(MINIMUM) | wanted == annotations(MINIMUM)


@pytest.mark.parametrize("name", ["alb", "alb-internal", "internal", ""])
def test_every_class_of_the_aws_controller_has_the_annotations_of_user_and_chart(name: str) -> None:
    values = {"ingress": {"className": name, "annotations": {f"{ALB}scheme": "internal", "max-age": 31536000}}}
    assert ingress(MINIMUM, values)["spec"].get("ingressClassName", "") == name
    assert annotations(MINIMUM, values) == annotations(MINIMUM) | {f"{ALB}scheme": "internal", "max-age": "31536000"}


@pytest.mark.parametrize(("annotation", "given", "merged"), [
    (BALANCER, "access_logs.s3.enabled=true, access_logs.s3.bucket=logs",
     "access_logs.s3.enabled=true,access_logs.s3.bucket=logs,idle_timeout.timeout_seconds=50"),
    (BALANCER, "idle_timeout.timeout_seconds=50", "idle_timeout.timeout_seconds=50"),
    (TARGETS, "stickiness.enabled=true", "stickiness.enabled=true,deregistration_delay.timeout_seconds=25"),
])
def test_the_load_balancer_s_attributes_are_merged_and_stay_in_step_with_the_pods(annotation: str, given: str, merged: str) -> None:
    values = {"ingress": {"idleTimeoutSeconds": 50, "annotations": {annotation: given}}}
    assert annotations(MINIMUM, values)[annotation] == merged
    env = render(MINIMUM, values).env()
    assert (env["IDLE_TIMEOUT"], env["DRAIN_TIMEOUT"]) == ("55s", "25s")


def test_another_controller_gets_the_user_s_annotations_without_the_rewrite() -> None:
    given = {"nginx.ingress.kubernetes.io/rewrite-target": "/", "traefik.ingress.kubernetes.io/router.tls": True}
    assert annotations(LOCAL, {"ingress": {"annotations": given}}) == {"traefik.ingress.kubernetes.io/router.tls": "true"}


# Network policies

def rules(manifests: Manifests, direction: str, name: str = "backend") -> list[dict[str, Any]]:
    return manifests.one("NetworkPolicy", name)["spec"].get(direction, [])


ANYWHERE = [
    {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}},
    {"ipBlock": {"cidr": "::/0", "except": ["fe80::/10", "fd00:ec2::/32"]}},
]


def namespace(name: str) -> dict[str, Any]:
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


def test_only_load_balancer_collector_and_test_get_in_and_who_is_added() -> None:
    extra = {"from": [namespace("gateway")], "ports": [{"port": 8888}]}
    values = {"networkPolicy": {"collectorNamespace": "telemetry", "extraIngress": [extra]}}
    manifests = render(TERRAFORM, values)
    rule, added = rules(manifests, "ingress")
    assert [peer["ipBlock"]["cidr"] for peer in rule["from"][:2]] == ["10.10.240.0/24", "10.10.241.0/24"]
    assert rule["from"][2] == namespace("telemetry")
    assert rule["from"][3]["podSelector"]["matchLabels"].items() <= manifests.one("Pod")["metadata"]["labels"].items()
    assert rule["ports"] == [{"port": 8888, "protocol": "TCP"}]
    assert added == extra


def test_only_names_and_tls_get_out_and_never_the_instance_metadata() -> None:
    dns, tls = rules(DEFAULT, "egress")
    assert {(port["port"], port["protocol"]) for port in dns["ports"]} == {(53, "UDP"), (53, "TCP")}
    assert tls == {"to": ANYWHERE, "ports": [{"port": 443, "protocol": "TCP"}]}
    extra = {"to": [namespace("proxy")]}
    assert rules(render(MINIMUM, {"networkPolicy": {"extraEgress": [extra]}}), "egress") == [dns, tls, extra]


@pytest.mark.parametrize(("endpoint", "peers", "port"), [
    ("", None, 0),
    ("https://vpce-1.dynamodb.eu-west-1.vpce.amazonaws.com/", None, 0),
    ("http://dynamodb-local:8000", [{"podSelector": {}}], 8000),
    ("http://store", [{"podSelector": {}}], 80),
    ("https://store", [{"podSelector": {}}], 443),
    ("http://store.data.svc:8000", [namespace("data")], 8000),
    ("http://store.data.svc.cluster.local", [namespace("data")], 80),
    ("http://store.data:8000", [namespace("data"), *ANYWHERE], 8000),
    ("https://dynamodb.proxy.example.com:8443", ANYWHERE, 8443),
    ("http://10.1.2.3:8000", [{"ipBlock": {"cidr": "10.1.2.3/32"}}], 8000),
    ("http://[fd00::12]:8000/", [{"ipBlock": {"cidr": "fd00::12/128"}}], 8000),
    ("http://[fd00::12]", [{"ipBlock": {"cidr": "fd00::12/128"}}], 80),
])
def test_the_store_can_be_reached_wherever_its_endpoint_is(endpoint: str, peers: Any, port: int) -> None:
    more = rules(render(MINIMUM, {"dynamodb": {"endpoint": endpoint}}), "egress")[2:]
    assert more == ([{"to": peers, "ports": [{"port": port, "protocol": "TCP"}]}] if peers else [])


def test_the_test_may_only_ask_for_names_and_the_service() -> None:
    assert not rules(DEFAULT, "ingress", "backend-smoke")
    _, service = rules(DEFAULT, "egress", "backend-smoke")
    assert service["to"][0]["podSelector"] == DEFAULT.one("Deployment")["spec"]["selector"]
    assert service["ports"] == [{"port": 8888, "protocol": "TCP"}]


def test_ingress_and_network_policies_can_be_turned_off() -> None:
    manifests = render(MINIMUM, {"networkPolicy": {"enabled": False}, "ingress": {"enabled": False}})
    assert not {"NetworkPolicy", "Ingress"} & {manifest["kind"] for manifest in manifests}


# Metrics

def test_metrics_are_found_by_annotation_or_by_monitor_but_not_by_both() -> None:
    annotated = DEFAULT.one("Deployment")["spec"]["template"]["metadata"]["annotations"]
    assert annotated == {"prometheus.io/scrape": "true", "prometheus.io/port": "8888", "prometheus.io/path": "/metrics"}
    assert not list(DEFAULT.of("ServiceMonitor")) and not list(DEFAULT.of("PrometheusRule"))
    labels = {"release": "prometheus", "app.kubernetes.io/part-of": "kube-prometheus-stack"}
    monitored = render(MINIMUM, {"metrics": {"serviceMonitor": {"enabled": True, "labels": labels}}})
    assert "annotations" not in monitored.one("Deployment")["spec"]["template"]["metadata"]
    found = monitored.one("ServiceMonitor")["metadata"]["labels"]
    assert found | labels == found
