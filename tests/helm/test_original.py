"""The values documents of the system that this chart replaces still install, but for the breaks that README lists."""

from __future__ import annotations

from typing import Any

import yaml
from chart import render

REPOSITORY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/backend-cloud-app"
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


def test_the_default_document_installs_once_it_names_a_version() -> None:
    manifests = render(DEFAULT, {"image": {"tag": "1.2.3"}})
    assert manifests.container()["image"] == f"{REPOSITORY}:1.2.3"
    assert manifests.one("ServiceAccount")["metadata"]["annotations"] == {
        "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/dev-backend-irsa-role"}
    assert manifests.one("Ingress")["spec"]["ingressClassName"] == "alb"
    assert manifests.one("HorizontalPodAutoscaler")["spec"]["maxReplicas"] == 10


def test_the_local_document_installs_without_the_rewrite_which_would_hide_every_path() -> None:
    manifests = render(LOCAL)
    assert manifests.container()["image"] == "backend-cloud-app:latest"
    assert manifests.env() | {"DYNAMODB_ENDPOINT": "http://dynamodb-local:8000", "AWS_ACCESS_KEY_ID": "fake"} == manifests.env()
    assert manifests.one("Service")["spec"]["type"] == "NodePort"
    ingress = manifests.one("Ingress")
    assert ingress["spec"]["rules"][0]["host"] == "backend.local"
    assert not [name for name in ingress["metadata"]["annotations"] if name.startswith("nginx")]
