"""The values documents of the system that this chart replaces still install, but for the breaks that README lists."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from chart import HELMS, render

REPOSITORY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/backend-cloud-app"
ROLE = "arn:aws:iam::123456789012:role/dev-backend-irsa-role"
ALB = "alb.ingress.kubernetes.io"

DEFAULT: dict[str, Any] = yaml.safe_load(f"""
replicaCount: 1
image: {{ repository: {REPOSITORY}, name: backend-cloud-app, tag: latest, pullPolicy: Always }}
service: {{ type: ClusterIP }}
ingress: {{ enabled: true, className: alb, host: "", acmCertificateArn: "", annotations: {{
  {ALB}/scheme: internet-facing, {ALB}/target-type: ip, {ALB}/listen-ports: '[{{"HTTP":80,"HTTPS":443}}]', {ALB}/ssl-redirect: "443" }} }}
environment: ""
dynamodb: {{ endpoint: "https://dynamodb.eu-west-1.amazonaws.com", table: users, region: eu-west-1 }}
aws: {{ accountId: 123456789012, irsa: {{ enabled: true, roleName: dev-backend-irsa-role }} }}
hpa: {{ enabled: true, minReplicas: 2, maxReplicas: 10, targetCPUUtilizationPercentage: 70 }}
""")

LOCAL: dict[str, Any] = yaml.safe_load("""
replicaCount: 1
image: { repository: backend-cloud-app, name: backend-cloud-app, tag: latest, pullPolicy: IfNotPresent }
service: { type: NodePort }
ingress: { enabled: true, className: nginx, host: backend.local, acmCertificateArn: "", annotations: {
  nginx.ingress.kubernetes.io/rewrite-target: / } }
environment: local
dynamodb: { endpoint: "http://dynamodb-local:8000", table: users, region: eu-west-1 }
aws: { accountId: 123456789, irsa: { enabled: false, roleName: fake-role } }
""")


@pytest.mark.parametrize("helm", HELMS)
@pytest.mark.parametrize("role", ["dev-backend-irsa-role", ROLE])
def test_the_default_document_installs_once_it_names_a_version_with_the_role_by_name_or_arn(helm: str, role: str) -> None:
    manifests = render(DEFAULT, {"image": {"tag": "1.2.3"}, "aws": {"irsa": {"roleName": role}}}, helm=helm)
    assert manifests.container()["image"] == f"{REPOSITORY}:1.2.3"
    assert manifests.one("ServiceAccount")["metadata"]["annotations"] == {"eks.amazonaws.com/role-arn": ROLE}
    assert manifests.one("Ingress")["spec"]["ingressClassName"] == "alb"
    assert manifests.one("HorizontalPodAutoscaler")["spec"]["maxReplicas"] == 10


@pytest.mark.parametrize("helm", HELMS)
def test_the_local_document_installs_without_the_rewrite_which_would_hide_every_path(helm: str) -> None:
    manifests = render(LOCAL, helm=helm)
    assert manifests.container()["image"] == "backend-cloud-app:latest"
    assert manifests.env() | {"DYNAMODB_ENDPOINT": "http://dynamodb-local:8000", "AWS_ACCESS_KEY_ID": "fake"} == manifests.env()
    assert manifests.one("Service")["spec"]["type"] == "NodePort"
    ingress = manifests.one("Ingress")
    assert ingress["spec"]["rules"][0]["host"] == "backend.local"
    assert not [name for name in ingress["metadata"]["annotations"] if name.startswith("nginx")]
