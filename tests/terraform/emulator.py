"""moto's AWS emulator on a port of 127.0.0.1, with what it lacks for these roots put in front of it.

    python emulator.py PORT     serves until it is ended; it is a proxy too, for S3 Control, whose host names have the
                                account before them: HTTP_PROXY=http://127.0.0.1:PORT NO_PROXY=127.0.0.1
    python emulator.py --gaps   prints what is supplied here, one line each
"""

import io
import json
import re
import secrets
import sys
import urllib.parse
from collections.abc import Callable, Iterable
from typing import Any

import emulator_edge as edge
import emulator_runner as runner
from moto.ec2.models import ec2_backends
from moto.ec2.models.launch_templates import LaunchTemplate
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.eks.models import Cluster
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.route53 import models as route53
from werkzeug.serving import run_simple
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request, Response

GAPS = [
    "EKS add-ons: kept here; moto has none",
    "EKS access entries and access policies: kept here; moto has none",
    "EKS clusters and node groups: what was asked at creation is put back into the answers; moto forgets some of it",
    "EKS node groups: the SSH key, disk size, labels and taints that moto makes up are left out of the answers",
    "EKS clusters: an identity provider and a security group of its own for each; moto gives one to all, and none",
    "EC2 launch templates: a template's own tags are kept out of its data, where moto mixes them in",
    "EC2 security group rules: the description of one that names a group; moto forgets it",
    "S3 lifecycle rules: answered as they were put, with the header that AWS adds; moto loses some of both",
    "S3 bucket policies: kept here and not enforced; the state's refuses all but TLS, which the emulator does not speak",
    "S3 buckets: the tags that CreateBucket brings are kept here; moto forgets them",
    "S3 Control: refused as not allowed, so that the provider tags buckets through S3; moto answers under AWS's own name only",
    "Route53: the first zone has the id that tests/terraform/environments names; moto's ids have another form than AWS's",
]

# What EKS answers beyond what it was asked, and moto does not.
CLUSTER_KEEPS = ["accessConfig", "deletionProtection", "upgradePolicy", "zonalShiftConfig", "encryptionConfig"]
NODEGROUP_KEEPS = ["nodeRepairConfig", "updateConfig", "launchTemplate", "capacityType", "version"]

# What moto answers of a node group that nobody asked for.
NODEGROUP_INVENTS = ["diskSize", "labels", "remoteAccess", "taints"]

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def refusal(status: int, kind: str, message: str) -> Response:
    return Response(json.dumps({"message": message}), status, {"x-amzn-ErrorType": kind}, mimetype="application/json")


def answer(body: dict[str, Any]) -> Response:
    return Response(json.dumps(body), mimetype="application/json")


class Eks:
    """Add-ons and access entries of clusters, by (cluster, name)."""

    def __init__(self) -> None:
        self.addons: dict[tuple[str, str], dict[str, Any]] = {}
        self.entries: dict[tuple[str, str], dict[str, Any]] = {}
        self.policies: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
        self.asked: dict[str, dict[str, Any]] = {}

    def handle(self, request: Request, path: list[str]) -> Response | None:
        match path:
            case ["clusters", cluster, "addons", *name]:
                return self.addon(request, cluster, name[0] if name else "")
            case ["clusters", cluster, "access-entries"]:
                return self.create_entry(request, cluster)
            case ["clusters", cluster, "access-entries", principal]:
                return self.one_of(request, self.entries, "accessEntry", (cluster, principal))
            case ["clusters", cluster, "access-entries", principal, "access-policies", *policy]:
                return self.policy(request, (cluster, principal), policy[0] if policy else "")
            case ["clusters", cluster, "update-config"]:
                self.asked[f"arn:aws:eks:eu-west-1:123456789012:cluster/{cluster}"] |= json.loads(request.data)
                return answer({"update": {"id": "0", "status": "InProgress"}})
            case ["clusters", _, "updates", update]:
                return answer({"update": {"id": update, "status": "Successful", "errors": []}})
            case ["clusters", _, "node-groups", _, "update-config"]:
                size = json.loads(request.data).get("scalingConfig", {})
                if size and size["minSize"] > size["desiredSize"]:
                    limits = f"Minimum capacity {size['minSize']} can't be greater than desired size {size['desiredSize']}"
                    return refusal(400, "InvalidParameterException", limits)
        return None

    def one_of(self, request: Request, kept: dict[Any, dict[str, Any]], kind: str, key: Any) -> Response:
        if key not in kept:
            return refusal(404, "ResourceNotFoundException", f"No {kind} {key}")
        return answer({kind: kept.pop(key) if request.method == "DELETE" else kept[key]})

    def addon(self, request: Request, cluster: str, name: str) -> Response:
        if request.method != "POST":
            return self.one_of(request, self.addons, "addon", (cluster, name))
        asked = json.loads(request.data)
        name = asked["addonName"]
        self.addons[cluster, name] = asked | {
            "addonArn": f"arn:aws:eks:eu-west-1:123456789012:addon/{cluster}/{name}/0",
            "clusterName": cluster,
            "createdAt": 0,
            "modifiedAt": 0,
            "health": {"issues": []},
            "status": "ACTIVE",
        }
        return answer({"addon": self.addons[cluster, name]})

    def create_entry(self, request: Request, cluster: str) -> Response:
        asked = json.loads(request.data)
        principal = asked["principalArn"]
        self.entries[cluster, principal] = asked | {
            "accessEntryArn": f"arn:aws:eks:eu-west-1:123456789012:access-entry/{cluster}/0",
            "clusterName": cluster,
            "createdAt": 0,
            "modifiedAt": 0,
            "kubernetesGroups": asked.get("kubernetesGroups", []),
            "type": asked.get("type", "STANDARD"),
            "username": principal,
        }
        return answer({"accessEntry": self.entries[cluster, principal]})

    def policy(self, request: Request, key: tuple[str, str], policy: str) -> Response:
        associated = self.policies.setdefault(key, {})
        if request.method == "DELETE":
            associated.pop(policy)
            return answer({})
        cluster, principal = key
        if request.method == "POST":
            asked = json.loads(request.data)
            associated[asked["policyArn"]] = asked | {"associatedAt": 0, "modifiedAt": 0}
            return answer({"clusterName": cluster, "principalArn": principal, "associatedAccessPolicy": associated[asked["policyArn"]]})
        return answer({"clusterName": cluster, "principalArn": principal, "associatedAccessPolicies": list(associated.values())})

    def remember(self, request: Request, path: list[str], response: Response) -> Response:
        """Puts what was asked at creation back into the answer about a cluster or a node group."""
        if response.status_code >= 300 or path[0] != "clusters" or not response.is_json:
            return response
        body = json.loads(response.get_data())
        for kind, keeps in (("cluster", CLUSTER_KEEPS), ("nodegroup", NODEGROUP_KEEPS)):
            if kind not in body:
                continue
            arn = body[kind].get(f"{kind}Arn") or body[kind]["arn"]
            if request.method == "POST" and request.data:
                self.asked.setdefault(arn, json.loads(request.data))
            asked = self.asked.get(arn, {})
            body[kind] |= {name: asked[name] for name in keeps if name in asked}
            for name in NODEGROUP_INVENTS:
                if name not in asked:
                    body[kind].pop(name, None)
        response.set_data(json.dumps(body))
        return response


class Gaps:
    """Answers what moto lacks, and passes everything else on to it."""

    def __init__(self, moto: Wsgi) -> None:
        self.moto = moto
        self.eks = Eks()
        self.cloudfront = edge.CloudFront(self.forward)
        self.budgets = edge.Budgets(self.forward)
        self.runner = runner.Runner(self.forward)
        self.lifecycles: dict[str, bytes] = {}
        self.bucket_policies: dict[str, bytes] = {}
        self.bucket_tags: dict[str, bytes] = {}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        request.get_data(cache=True)
        return self.respond(request)(environ, start_response)

    def forward(self, request: Request, body: bytes | None = None, **changed: str) -> Response:
        """moto's answer to the request, or to one like it but for its body and what is changed in its environment."""
        body = request.data if body is None else body
        environ = request.environ | {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))} | changed
        answer, status, headers = run_wsgi_app(self.moto, environ, buffered=True)
        return Response(answer, status, headers)

    def create_bucket(self, request: Request) -> Response:
        response = self.forward(request)
        if response.status_code == 200:
            self.bucket_tags[request.path] = b"".join(re.findall(rb"<Tag>.*?</Tag>", request.data))
        return response

    def tags_of_bucket(self, request: Request) -> Response:
        tags = self.bucket_tags[request.path].decode()
        return Response(f"<Tagging><TagSet>{tags}</TagSet></Tagging>", mimetype="application/xml")

    def lifecycle(self, request: Request) -> Response:
        response = self.forward(request)
        if request.method == "PUT" and response.status_code == 200:
            self.lifecycles[request.path] = request.data
        if request.method == "GET" and response.status_code == 200:
            response.set_data(self.lifecycles[request.path])
        response.headers["x-amz-transition-default-minimum-object-size"] = "all_storage_classes_128K"
        return response

    def bucket_policy(self, request: Request) -> Response:
        if request.method == "PUT":
            self.bucket_policies[request.path] = request.data
            return Response(status=204)
        if request.path not in self.bucket_policies:
            return Response("<Error><Code>NoSuchBucketPolicy</Code></Error>", 404, mimetype="application/xml")
        if request.method == "DELETE":
            self.bucket_policies.pop(request.path)
            return Response(status=204)
        return Response(self.bucket_policies[request.path], mimetype="application/json")

    def respond(self, request: Request) -> Response:
        service = request.headers.get("Authorization", "").partition("/aws4_request")[0].rpartition("/")[2]
        if service == "eks":
            raw = request.environ["RAW_URI"].partition("?")[0].strip("/")
            path = [urllib.parse.unquote(part) for part in raw.split("/")]
            return self.eks.handle(request, path) or self.eks.remember(request, path, self.forward(request))
        if service == "cloudfront":
            return self.cloudfront.handle(request)
        if service == "autoscaling" and request.form["Action"] == "DescribeAutoScalingGroups":
            return edge.auto_scaling_groups(request)
        if service == "monitoring" and request.path.startswith("/service/"):
            return edge.cloudwatch(request, self.forward)
        if service == "budgets":
            return self.budgets.handle(request)
        if service in ("codebuild", "codestar-connections"):
            return self.runner.handle(request)
        if not request.host.startswith("127.0.0.1"):
            code = "<Code>MethodNotAllowed</Code><Message>not emulated</Message>"
            return Response(f"<ErrorResponse><Error>{code}</Error></ErrorResponse>", 405, mimetype="text/xml")
        if service == "s3" and "lifecycle" in request.args:
            return self.lifecycle(request)
        if service == "s3" and request.method == "PUT" and b"<CreateBucketConfiguration" in request.data:
            return self.create_bucket(request)
        if service == "s3" and request.method == "GET" and "tagging" in request.args and request.path in self.bucket_tags:
            return self.tags_of_bucket(request)
        if service == "s3" and "policy" in request.args:
            return self.bucket_policy(request)
        return self.forward(request)


def keep_template_tags_apart() -> None:
    create_version = LaunchTemplate.create_version

    def create(self: LaunchTemplate, data: dict[str, Any], description: str) -> Any:
        tags = [kind for kind in data.pop("TagSpecifications", []) if kind["ResourceType"] != "launch-template"]
        return create_version(self, data | ({"TagSpecifications": tags} if tags else {}), description)

    LaunchTemplate.create_version = create  # type: ignore[method-assign]


def give_each_cluster_its_own() -> None:
    make = Cluster.__init__

    def made(self: Cluster, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        self.identity = {"oidc": {"issuer": f"https://oidc.eks.eu-west-1.amazonaws.com/id/{secrets.token_hex(16).upper()}"}}
        for subnet in self.resources_vpc_config["subnetIds"][:1]:
            ec2 = ec2_backends["123456789012"]["eu-west-1"]
            group = ec2.create_security_group(f"eks-cluster-sg-{self.name}", "EKS", vpc_id=ec2.get_subnet(subnet).vpc_id)
            self.resources_vpc_config["clusterSecurityGroupId"] = group.id

    Cluster.__init__ = made  # type: ignore[method-assign]


if __name__ == "__main__":
    if sys.argv[1] == "--gaps":
        print("\n".join(GAPS + edge.GAPS + runner.GAPS))
    else:
        route53.create_route53_zone_id = lambda **_: "Z0123456789ABCDEFGHIJ"
        keep_template_tags_apart()
        give_each_cluster_its_own()
        SecurityGroupRule.description = property(lambda rule: (rule.ip_range or rule.source_group).get("Description"))
        moto = DomainDispatcherApplication(create_backend_app)
        run_simple("127.0.0.1", int(sys.argv[1]), Gaps(moto), threaded=True)
