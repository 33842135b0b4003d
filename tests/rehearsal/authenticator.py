"""Stands in for what EKS has in front of its API server: whose token it is, and what access entries allow. It verifies no signature."""

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from moto.sts.models import sts_backends
from werkzeug.wrappers import Request, Response

# What AWS's access policies come to in the cluster.
GROUPS = {"AmazonEKSClusterAdminPolicy": "system:masters"}


def caller(token: str) -> str:
    """The role that signed the request which is in the token, as `aws eks get-token` makes it: a GetCallerIdentity."""
    encoded = token.removeprefix("k8s-aws-v1.")
    query = parse_qs(urlsplit(base64.urlsafe_b64decode(encoded + "==").decode()).query)
    if query["Action"] != ["GetCallerIdentity"] or "x-k8s-aws-id" not in query["X-Amz-SignedHeaders"][0]:
        raise ValueError("not a token of EKS")
    key = query["X-Amz-Credential"][0].partition("/")[0]
    roles = {role.access_key_id: role.role_arn for role in sts_backends["123456789012"]["aws"].assumed_roles}
    return roles[key]


def review(token: str, eks: Any) -> dict[str, Any]:
    try:
        principal = caller(token)
        entry = eks.entries["dev-eks-cluster", principal]
    except (LookupError, ValueError) as error:
        return {"authenticated": False, "error": repr(error)}
    policies = [arn.rpartition("/")[2] for arn in eks.policies.get(("dev-eks-cluster", principal), {})]
    groups = entry["kubernetesGroups"] + [GROUPS[name] for name in policies if name in GROUPS]
    return {"authenticated": True, "user": {"username": principal, "groups": groups}}


def answer(environ: dict[str, Any], eks: Any) -> Response:
    """A TokenReview; `eks` is what the emulator keeps of access entries."""
    asked = Request(environ).get_json()
    asked["status"] = review(asked["spec"]["token"], eks)
    print(json.dumps(asked["status"]), flush=True)
    return Response(json.dumps(asked), mimetype="application/json")
