"""CloudFront's VPC origins and managed policies, the groups behind EKS's node groups, and budgets: what moto lacks of them.

All of it is ours, from AWS's API reference: it shows that the roots' calls fit together, not that AWS takes them.
"""

import itertools
import json
import re
from collections.abc import Callable
from typing import Any

import cbor2
from moto.budgets.models import budgets_backends
from moto.eks.models import eks_backends
from werkzeug.wrappers import Request, Response

GAPS = [
    "CloudFront VPC origins: kept here, and refused to change or go while a distribution uses them; moto has none",
    "CloudFront managed policies: the three that are asked for by name; moto has none",
    "CloudFront distributions: answered with the configuration as it was put; moto loses some of it",
    "EC2 Auto Scaling: the group behind each EKS node group, of the size that the node group asks for; moto makes none",
    "EKS node groups: a minimum above the desired size is refused; of these and of clusters updates are done at once; moto knows none",
    "CloudWatch: its calls in CBOR are handed to moto in JSON, the only form that moto takes them in",
    "Budgets: who is told, which moto keeps and does not say; and tags, which it has none of",
]

XMLNS = 'xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"'
POLICIES = {
    "cache-policy": ("CachePolicy", "UseOriginCacheControlHeaders", "83da9c7e-98b4-4e11-a168-04f0df8e2c65"),
    "origin-request-policy": ("OriginRequestPolicy", "Managed-AllViewer", "216adef6-5c7f-47e4-b989-5492eafa07d3"),
    "response-headers-policy": ("ResponseHeadersPolicy", "Managed-SecurityHeadersPolicy", "67f7725c-6f97-4210-82d7-5512b31e9d03"),
}

Forward = Callable[..., Response]


def xml(body: str, status: int = 200, **headers: str) -> Response:
    return Response(f'<?xml version="1.0"?>{body}', status, headers, mimetype="text/xml")


def error(status: int, code: str) -> Response:
    return xml(f"<ErrorResponse {XMLNS}><Error><Type>Sender</Type><Code>{code}</Code><Message>{code}</Message></Error></ErrorResponse>", status)


class CloudFront:
    def __init__(self, forward: Forward) -> None:
        self.forward = forward
        self.ids = itertools.count(1)
        self.origins: dict[str, str] = {}
        self.tags: dict[str, str] = {}
        self.distributions: dict[str, str] = {}

    def handle(self, request: Request) -> Response:
        match request.path.strip("/").split("/")[1:]:
            case ["vpc-origin"]:
                return self.create_origin(request)
            case ["vpc-origin", name]:
                return self.origin(request, name)
            case ["tagging"] if ":vpcorigin/" in request.args["Resource"]:
                tags = self.tags.get(request.args["Resource"].rpartition("/")[2], "<Items/>")
                return xml(f"<Tags {XMLNS}>{tags}</Tags>")
            case [kind] if kind in POLICIES:
                policy, name, policy_id = POLICIES[kind]
                config = f"<{policy}Config><Name>{name}</Name><MinTTL>0</MinTTL></{policy}Config>"
                item = f"<{policy}Summary><Type>managed</Type><{policy}><Id>{policy_id}</Id>{config}</{policy}></{policy}Summary>"
                return xml(f"<{policy}List {XMLNS}><MaxItems>9</MaxItems><Quantity>1</Quantity><Items>{item}</Items></{policy}List>")
            case [kind, _] if kind in POLICIES:
                policy, name, policy_id = POLICIES[kind]
                return xml(f"<{policy} {XMLNS}><Id>{policy_id}</Id><{policy}Config><Name>{name}</Name><MinTTL>0</MinTTL></{policy}Config></{policy}>", ETag="1")
        return self.distribution(request)

    def create_origin(self, request: Request) -> Response:
        asked = request.data.decode()
        name = f"vo_{next(self.ids)}"
        self.origins[name] = re.search(r"<VpcOriginEndpointConfig>.*</VpcOriginEndpointConfig>", asked, re.DOTALL)[0]  # type: ignore[index]
        tags = re.search(r"<Items>.*?</Items>", asked[asked.index("<Tags>") :], re.DOTALL) if "<Tags>" in asked else None
        self.tags[name] = tags[0] if tags else "<Items/>"
        return self.described(name, 202)

    def described(self, name: str, status: int = 200) -> Response:
        arn = f"arn:aws:cloudfront::123456789012:vpcorigin/{name}"
        times = "<CreatedTime>2026-01-01T00:00:00Z</CreatedTime><LastModifiedTime>2026-01-01T00:00:00Z</LastModifiedTime>"
        return xml(f"<VpcOrigin {XMLNS}><Id>{name}</Id><Arn>{arn}</Arn><Status>Deployed</Status>{times}{self.origins[name]}</VpcOrigin>", status, ETag="1")

    def origin(self, request: Request, name: str) -> Response:
        if name not in self.origins:
            return error(404, "EntityNotFound")
        if request.method != "GET":
            if any(f"<VpcOriginId>{name}</VpcOriginId>" in config for config in self.distributions.values()):
                return error(409, "CannotUpdateEntityWhileInUse" if request.method == "PUT" else "CannotDeleteEntityWhileInUse")
            if request.method == "DELETE":
                answer = self.described(name, 202)
                del self.origins[name]
                return answer
        return self.described(name)

    def distribution(self, request: Request) -> Response:
        response = self.forward(request)
        text = response.get_data(as_text=True)
        found = re.search(r"<Id>(E?[A-Z0-9]{10,})</Id>", text)
        name = found[1] if found else request.path.split("/")[3] if request.path.count("/") > 2 else ""
        if request.method in ("POST", "PUT") and response.status_code < 300 and "<DistributionConfig" in request.data.decode():
            asked = re.search(r"<DistributionConfig(?:\s[^>]*)?>(.*?)</DistributionConfig>", request.data.decode(), re.DOTALL)
            # AWS answers with what was left out as well.
            groups = "" if "<OriginGroups>" in asked[1] else "<OriginGroups><Quantity>0</Quantity></OriginGroups>"  # type: ignore[index]
            self.distributions[name] = asked[1] + groups  # type: ignore[index]
        if request.method == "DELETE" and response.status_code < 300:
            self.distributions.pop(name, None)
        if name in self.distributions:
            kept = self.distributions[name]
            text = re.sub(r"(<DistributionConfig(?:\s[^>]*)?>).*(</DistributionConfig>)", lambda m: m[1] + kept + m[2], text, flags=re.DOTALL)
            response.set_data(text)
        return response


def node_groups() -> list[tuple[str, str, dict[str, int]]]:
    clusters = eks_backends["123456789012"]["eu-west-1"].clusters
    return [(cluster, name, group.scaling_config) for cluster, found in clusters.items() for name, group in found.nodegroups.items()]


def auto_scaling_groups(request: Request) -> Response:
    asked = set(request.form.values())
    members = ""
    for cluster, name, size in node_groups():
        group = f"eks-{name}-of-{cluster}"
        if not {group, cluster} & asked:
            continue
        sizes = f"<MinSize>{size['minSize']}</MinSize><MaxSize>{size['maxSize']}</MaxSize><DesiredCapacity>{size['desiredSize']}</DesiredCapacity>"
        members += (
            f"<member><AutoScalingGroupName>{group}</AutoScalingGroupName><AutoScalingGroupARN>arn:aws:autoscaling:eu-west-1:123456789012:{group}</AutoScalingGroupARN>"
            f"{sizes}<DefaultCooldown>300</DefaultCooldown><HealthCheckType>EC2</HealthCheckType><HealthCheckGracePeriod>0</HealthCheckGracePeriod>"
            "<NewInstancesProtectedFromScaleIn>false</NewInstancesProtectedFromScaleIn><CreatedTime>2026-01-01T00:00:00Z</CreatedTime></member>"
        )
    result = f"<DescribeAutoScalingGroupsResult><AutoScalingGroups>{members}</AutoScalingGroups></DescribeAutoScalingGroupsResult>"
    return xml(f'<DescribeAutoScalingGroupsResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/">{result}</DescribeAutoScalingGroupsResponse>')


class Budgets:
    """Who is told of a budget is asked for one notification at a time; its tags are those of its creation."""

    def __init__(self, forward: Forward) -> None:
        self.forward = forward
        self.tags: list[dict[str, str]] = []

    def handle(self, request: Request) -> Response:
        action = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        asked: dict[str, Any] = json.loads(request.data or b"{}")
        if action == "ListTagsForResource":
            return Response(json.dumps({"ResourceTags": self.tags}), mimetype="application/json")
        if action == "DescribeSubscribersForNotification":
            budget = budgets_backends["123456789012"]["aws"].budgets["123456789012"][asked["BudgetName"]]
            kept = next(n.subscribers for n in budget.notifications if n.details["NotificationType"] == asked["Notification"]["NotificationType"])
            return Response(json.dumps({"Subscribers": kept}), mimetype="application/json")
        if action == "CreateBudget":
            self.tags = asked.get("ResourceTags", [])
        return self.forward(request)


def cloudwatch(request: Request, forward: Forward) -> Response:
    _, service, _, action = request.path.strip("/").split("/")
    asked = json.dumps(cbor2.loads(request.data), default=str).encode()
    response = forward(request, asked, PATH_INFO="/", CONTENT_TYPE="application/x-amz-json-1.0", HTTP_X_AMZ_TARGET=f"{service}.{action}")

    def stamped(found: dict[str, Any]) -> dict[str, Any]:
        for name, value in found.items():
            if name.endswith(("Timestamp", "LastModified")):
                found[name] = cbor2.CBORTag(1, value)
            if name == "Timestamps":
                found[name] = [cbor2.CBORTag(1, each) for each in value]
        return found

    body = cbor2.dumps(json.loads(response.get_data() or b"{}", object_hook=stamped))
    return Response(body, response.status_code, {"smithy-protocol": "rpc-v2-cbor"}, mimetype="application/cbor")
