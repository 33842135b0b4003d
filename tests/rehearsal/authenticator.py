"""Stands in for what EKS has in front of its API server: whose token it is, and what the access entries of the cluster allow.

python authenticator.py PORT CLUSTER     serves TokenReview on 127.0.0.1 until it is ended; AWS is at AWS_ENDPOINT_URL
"""

import base64
import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.exceptions import ClientError

# What AWS's access policies come to in the cluster.
GROUPS = {"AmazonEKSClusterAdminPolicy": "system:masters"}


def caller(token: str) -> str:
    """The role that signed the request which is in the token, as `aws eks get-token` makes it: a GetCallerIdentity."""
    encoded = token.removeprefix("k8s-aws-v1.")
    query = parse_qs(urlsplit(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()).query)
    if query["Action"] != ["GetCallerIdentity"] or "x-k8s-aws-id" not in query["X-Amz-SignedHeaders"][0]:
        raise ValueError("not a token of EKS")
    key = query["X-Amz-Credential"][0].partition("/")[0]
    # The emulator knows people by their key; it verifies no signature.
    arn = boto3.client("sts", aws_access_key_id=key, aws_secret_access_key="-").get_caller_identity()["Arn"]
    return re.sub(r":sts::(\d+):assumed-role/([^/]+)/.*", r":iam::\1:role/\2", arn)


def groups(principal: str, cluster: str) -> list[str]:
    eks = boto3.client("eks")
    kubernetes = eks.describe_access_entry(clusterName=cluster, principalArn=principal)["accessEntry"]["kubernetesGroups"]
    policies = eks.list_associated_access_policies(clusterName=cluster, principalArn=principal)["associatedAccessPolicies"]
    names = [policy["policyArn"].rpartition("/")[2] for policy in policies]
    return kubernetes + [GROUPS[name] for name in names if name in GROUPS]


def review(token: str, cluster: str) -> dict[str, Any]:
    try:
        principal = caller(token)
        return {"authenticated": True, "user": {"username": principal, "groups": groups(principal, cluster)}}
    except (ClientError, KeyError, ValueError) as error:
        return {"authenticated": False, "error": str(error)}


class TokenReview(BaseHTTPRequestHandler):
    cluster: str

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked["status"] = review(asked["spec"]["token"], self.cluster)
        print(json.dumps(asked["status"]), flush=True)
        body = json.dumps(asked).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    TokenReview.cluster = sys.argv[2]
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), TokenReview).serve_forever()
