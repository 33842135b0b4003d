#!/usr/bin/env python3
"""The names that the backend's chart gives things, for whoever has to use the same ones.

As a program it prints them as JSON, for the values files and the namespace that it is given:

    tests/helm/contract.py NAMESPACE VALUES...
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from chart import Manifests, render


def contract(manifests: Manifests) -> dict[str, Any]:
    """What Terraform, the stages and the service must agree with."""
    deployment, service = manifests.one("Deployment"), manifests.one("Service")
    service_account = manifests.one("ServiceAccount")["metadata"]
    env = manifests.env()
    return {
        "namespace": deployment["metadata"]["namespace"],
        "deployment": deployment["metadata"]["name"],
        "service": service["metadata"]["name"],
        "service_account": service_account["name"],
        "role_arn": service_account.get("annotations", {}).get("eks.amazonaws.com/role-arn"),
        "image": manifests.container()["image"],
        "table": env["DYNAMODB_TABLE"],
        "region": env["AWS_REGION"],
        "endpoint": env.get("DYNAMODB_ENDPOINT"),
        "port": manifests.container()["ports"][0]["containerPort"],
        "ingress_stacks": [f"{m['metadata']['namespace']}/{m['metadata']['name']}" for m in manifests.of("Ingress")],
        "ingress_hosts": [rule.get("host") for m in manifests.of("Ingress") for rule in m["spec"]["rules"]],
        "collector_namespaces": [
            peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
            for policy in manifests.of("NetworkPolicy")
            for rule in policy["spec"].get("ingress", [])
            for peer in rule["from"]
            if "namespaceSelector" in peer
        ],
    }


if __name__ == "__main__":
    namespace, *files = sys.argv[1:]
    print(json.dumps(contract(render(*(Path(file) for file in files), namespace=namespace)), indent=2))
