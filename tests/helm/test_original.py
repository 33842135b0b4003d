"""The values documents of the system that this chart replaces still install, but for the breaks that README lists."""

from __future__ import annotations

from typing import Any

import pytest
from chart import HELMS, RenderError, render

REPOSITORY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/backend-cloud-app"

DEFAULT: dict[str, Any] = {
    "replicaCount": 1,
    "image": {"repository": REPOSITORY, "name": "backend-cloud-app", "tag": "latest", "pullPolicy": "Always"},
    "service": {"type": "ClusterIP"},
    "ingress": {
        "enabled": True,
        "className": "alb",
        "host": "",
        "acmCertificateArn": "",
        "annotations": {
            "alb.ingress.kubernetes.io/scheme": "internet-facing",
            "alb.ingress.kubernetes.io/target-type": "ip",
            "alb.ingress.kubernetes.io/listen-ports": '[{"HTTP":80,"HTTPS":443}]',
            "alb.ingress.kubernetes.io/ssl-redirect": "443",
        },
    },
    "environment": "",
    "dynamodb": {"endpoint": "https://dynamodb.eu-west-1.amazonaws.com", "table": "users", "region": "eu-west-1"},
    "aws": {"accountId": 123456789012, "irsa": {"enabled": True, "roleName": "dev-backend-irsa-role"}},
    "hpa": {"enabled": True, "minReplicas": 2, "maxReplicas": 10, "targetCPUUtilizationPercentage": 70},
}

LOCAL: dict[str, Any] = {
    "replicaCount": 1,
    "image": {
        "repository": "backend-cloud-app",
        "name": "backend-cloud-app",
        "tag": "latest",
        "pullPolicy": "IfNotPresent",
    },
    "service": {"type": "NodePort"},
    "ingress": {
        "enabled": True,
        "className": "nginx",
        "host": "backend.local",
        "acmCertificateArn": "",
        "annotations": {"nginx.ingress.kubernetes.io/rewrite-target": "/"},
    },
    "environment": "local",
    "dynamodb": {"endpoint": "http://dynamodb-local:8000", "table": "users", "region": "eu-west-1"},
    "aws": {"accountId": 123456789, "irsa": {"enabled": False, "roleName": "fake-role"}},
}


@pytest.mark.parametrize("helm", HELMS)
def test_the_default_document_installs_once_it_names_a_version(helm: str) -> None:
    manifests = render(DEFAULT, {"image": {"tag": "1.2.3"}}, helm=helm)
    assert manifests.container()["image"] == f"{REPOSITORY}:1.2.3"
    assert manifests.one("ServiceAccount")["metadata"]["annotations"] == {
        "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/dev-backend-irsa-role"
    }
    assert manifests.one("Ingress")["spec"]["ingressClassName"] == "alb"
    assert manifests.one("HorizontalPodAutoscaler")["spec"]["maxReplicas"] == 10


@pytest.mark.parametrize("helm", HELMS)
def test_the_default_document_is_refused_for_its_moving_tag(helm: str) -> None:
    with pytest.raises(RenderError, match='image.tag is "latest"'):
        render(DEFAULT, helm=helm)


@pytest.mark.parametrize("helm", HELMS)
def test_the_local_document_installs(helm: str) -> None:
    manifests = render(LOCAL, helm=helm)
    assert manifests.container()["image"] == "backend-cloud-app:latest"
    assert manifests.env()["DYNAMODB_ENDPOINT"] == "http://dynamodb-local:8000"
    assert manifests.env()["AWS_ACCESS_KEY_ID"] == "fake"
    assert manifests.one("Service")["spec"]["type"] == "NodePort"
    assert manifests.one("Ingress")["spec"]["rules"][0]["host"] == "backend.local"


def test_the_local_document_loses_its_rewrite_which_would_hide_every_path() -> None:
    assert not [name for name in render(LOCAL).one("Ingress")["metadata"]["annotations"] if name.startswith("nginx")]


def test_a_role_given_as_an_arn_is_not_doubled() -> None:
    arn = "arn:aws:iam::123456789012:role/dev-backend-irsa-role"
    manifests = render(DEFAULT, {"image": {"tag": "1.2.3"}, "aws": {"irsa": {"roleName": arn}}})
    assert manifests.one("ServiceAccount")["metadata"]["annotations"]["eks.amazonaws.com/role-arn"] == arn
