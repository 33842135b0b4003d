"""Values that the backend's chart refuses, and the sentence that says why."""

from __future__ import annotations

import re
from typing import Any

import pytest
from chart import HELMS, MINIMUM, render

ALB = "alb.ingress.kubernetes.io/"

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"aws": {"accountId": ""}}, "aws.accountId is empty: give the 12 digits of the account"),
    ({"aws": {"accountId": 12345}}, 'aws.accountId is "12345": give 12 digits'),
    ({"aws": {"accountId": "41e11"}}, 'aws.accountId is "41e11": give 12 digits'),
    ({"aws": {"irsa": {"roleName": "no spaces"}}}, 'aws.irsa.roleName is "no spaces": use letters'),
    ({"aws": {"irsa": {"roleName": "arn:aws:iam::1:role/a"}}}, "use a role's name, or an ARN"),
    ({"image": {"tag": "latest"}}, 'image.tag is "latest", which names a different image from day to day'),
    ({"image": {"tag": "a/b"}}, 'image.tag is "a/b": use at most 128'),
    ({"image": {"digest": "sha256:abc"}}, 'image.digest is "sha256:abc": use sha256: and 64'),
    ({"environment": "Dev_1"}, 'environment is "Dev_1": use at most 40 lower case letters'),
    ({"environment": "e" * 41}, "use at most 40 lower case letters"),
    ({"environment": "dev-"}, 'environment is "dev-"'),
    ({"dynamodb": {"table": "a b"}}, 'dynamodb.table is "a b": use 3 to 255'),
    ({"dynamodb": {"endpoint": "dynamodb-local:8000"}}, 'dynamodb.endpoint is "dynamodb-local:8000": use a URL'),
    ({"dynamodb": {"region": "us-east-1"}}, 'but dynamodb.region is "us-east-1": name one region in both'),
    ({"resources": {"requests": {"cpu": None}}}, "hpa.enabled is true but resources.requests.cpu is empty"),
    ({"resources": {"requests": None}}, "hpa.enabled is true but resources.requests.cpu is empty"),
    ({"scaledObject": {"enabled": True}}, "scaledObject.enabled is true but scaledObject.metricNamespace is empty"),
    ({"hpa": {"minReplicas": 11}}, "hpa.minReplicas is 11 but hpa.maxReplicas is 10"),
    ({"aws": {"irsa": {"roleName": "arn:awesome:iam::123456789012:role/a"}}}, "use a role's name, or an ARN"),
    ({"pdb": {"minAvailable": 1, "maxUnavailable": 1}}, "pdb.minAvailable and pdb.maxUnavailable are both set"),
    ({"pdb": {"minAvailable": 2}}, "pdb.minAvailable is 2 of at least 2 pods: no node could be drained"),
    ({"podLabels": {"app.kubernetes.io/name": "a"}}, "podLabels has app.kubernetes.io/name, which selectors match"),
    ({"commonLabels": {"app.kubernetes.io/instance": "a"}}, "commonLabels has app.kubernetes.io/instance"),
    ({"extraEnv": [{"name": "PORT", "value": "1"}]}, "extraEnv has PORT, which the chart sets already"),
    ({"extraEnv": [{"name": "A"}, {"name": "A"}]}, "extraEnv has A, which the chart sets already"),
    ({"httpRoute": {"enabled": True}}, "httpRoute.enabled is true but httpRoute.parentRefs is empty"),
    ({"ingress": {"annotations": {f"{ALB}load-balancer-attributes": "a=b, idle_timeout.timeout_seconds=60"}}},
     "has idle_timeout.timeout_seconds=60, but the pods go by ingress.idleTimeoutSeconds, which is 30"),
    ({"ingress": {"annotations": {f"{ALB}target-group-attributes": "deregistration_delay.timeout_seconds=300"}}},
     "has deregistration_delay.timeout_seconds=300, but the pods go by drain.timeoutSeconds, which is 25"),
    ({"metrics": {"prometheusRule": {"enabled": True}}}, "give the job that scrapes the pods in metrics.prometheusRule.job"),
    # The schema's own words.
    ({"replicas": 2}, "additional properties 'replicas' not allowed"),
    ({"settings": {"PORT": "80"}}, "additional properties 'PORT' not allowed"),
    ({"ingress": {"controller": "nginx"}}, "value must be one of 'aws', 'generic'"),
    ({"pdb": {"minAvailable": "few"}}, "'few' does not match pattern"),
    ({"service": {"type": "ExternalName"}}, "value must be one of 'ClusterIP', 'NodePort', 'LoadBalancer'"),
    ({"replicaCount": -1}, "minimum: got -1, want 0"),
    ({"drain": {"delaySeconds": "15s"}}, "got string, want integer"),
    ({"objectives": {"availability": {"target": 100}}}, "exclusiveMaximum: got 100, want 100"),
    ({"objectives": {"latency": {"thresholdSeconds": 0.3}}}, "value must be one of 0.0005"),
    ({"objectives": {"burnRates": []}}, "minItems: got 0, want 1"),
    ({"objectives": {"burnRates": [{"rate": 1, "longWindow": "1h", "shortWindow": "5 min", "severity": "warning"}]}},
     "'5 min' does not match pattern"),
]


@pytest.mark.parametrize("helm", HELMS)
@pytest.mark.parametrize(("values", "sentence"), REFUSED, ids=[sentence for _, sentence in REFUSED])
def test_it_refuses(values: dict[str, Any], sentence: str, helm: str) -> None:
    with pytest.raises(RuntimeError, match=re.escape(sentence)):
        render(MINIMUM, values, helm=helm)


def test_it_reports_every_problem_at_once() -> None:
    with pytest.raises(RuntimeError) as refused:
        render({"environment": "A", "image": {"tag": "latest"}, "hpa": {"minReplicas": 20}})
    assert sum(f"\n{value} is" in str(refused.value) for value in (
        "environment", "image.tag", "aws.accountId", "hpa.minReplicas")) == 4


@pytest.mark.parametrize("values", [
    # Without the HPA, or with metrics of its own, no CPU request is needed.
    {"hpa": {"enabled": False}, "resources": {"requests": None}},
    {"hpa": {"metrics": [{"type": "Pods"}]}, "resources": {"requests": None}},
    # The job may be anybody's who scrapes the pods.
    {"metrics": {"prometheusRule": {"enabled": True, "job": "kubernetes-pods"}}},
])
def test_it_takes(values: dict[str, Any]) -> None:
    assert render(MINIMUM, values)
