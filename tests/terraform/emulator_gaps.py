"""Operations that moto lacks for these roots, or answers with less than it was asked. They are methods of moto's own classes, so
botocore's models read their parameters and write their answers. All of it is ours, from AWS's API reference: it shows that the roots'
calls fit together, not that AWS takes them.

- EKS add-ons, access entries and access policies: kept here; moto has none
- EKS clusters and node groups: answered as they were asked for, where moto forgets, or makes up what nobody asked for
- EKS clusters: an identity provider and a security group of its own for each; moto gives one to all, and none
- EKS updates: done at once; a minimum of nodes above the desired number is refused, which moto takes
- EC2 Auto Scaling: the group behind each EKS node group, of the size that the node group asks for; moto makes none
- EC2 launch templates: a template's own tags are kept out of its data, where moto mixes them in
- EC2 security group rules: the description of one that names a group; moto forgets it
- CloudFront VPC origins: kept here, and refused to change or go while a distribution uses them; moto has none
- CloudFront managed policies: the three that are asked for by name; moto has none
- CloudFront distributions: answered with the configuration as it was put; moto loses some of it
- CodeBuild webhooks: kept here, and told with their project; moto has none
- Budgets: who is told, which moto keeps and does not say; and tags, which it has none of
- Route53: the first zone has the id that tests/terraform/environments names; moto's ids have another form than AWS's
"""

import copy
import itertools
import json
import secrets
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from botocore import xform_name
from moto.autoscaling.responses import AutoScalingResponse
from moto.budgets.models import budgets_backends
from moto.budgets.responses import BudgetsResponse
from moto.cloudfront import urls as cloudfront_urls
from moto.cloudfront.exceptions import CloudFrontException
from moto.cloudfront.models import DistributionConfig
from moto.cloudfront.responses import CloudFrontResponse
from moto.codebuild.responses import CodeBuildResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.models import ec2_backends
from moto.ec2.models.launch_templates import LaunchTemplate
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.eks import urls as eks_urls
from moto.eks.exceptions import InvalidParameterException, ResourceNotFoundException
from moto.eks.models import eks_backends
from moto.eks.responses import EKSResponse
from moto.route53 import models as route53

ACCOUNT, REGION = "123456789012", "eu-west-1"
NOW = datetime(2026, 1, 1, tzinfo=UTC)

Key = tuple[str, str]


def extends(response: type) -> Callable[[type], type]:
    """Gives a class of moto's what another has; the methods that these replace are there as moto_<name>."""

    def extend(extension: type) -> type:
        for name, member in vars(extension).items():
            if not name.startswith("__"):
                setattr(response, f"moto_{name}", getattr(response, name, None))
                setattr(response, name, member)
        return extension

    return extend


def routed(urls: Any, response: type, *paths: str) -> None:
    urls.url_paths.update({f"{{0}}/{path}$": response.dispatch for path in paths})


routed(eks_urls, EKSResponse, *(f"clusters/(?P<name>[^/]+)/{path}" for path in (
    "addons", "addons/(?P<addon>[^/]+)", "access-entries", "access-entries/(?P<principal>.+)", "updates/(?P<update>[^/]+)")))


@extends(EKSResponse)
class Eks:
    addons: dict[Key, dict[str, Any]] = {}
    entries: dict[Key, dict[str, Any]] = {}
    policies: dict[Key, dict[str, Any]] = defaultdict(dict)

    def key(self, name: str) -> Key:
        return self._get_param("name"), self._get_param(name)

    def asked(self) -> dict[str, Any]:
        return json.loads(self.body)

    def found(self, kept: dict[Key, Any], kind: str, name: str) -> ActionResult:
        if self.key(name) not in kept:
            raise ResourceNotFoundException(message=f"No {kind} {self.key(name)}")
        return ActionResult({kind: kept[self.key(name)]})

    def create_addon(self) -> ActionResult:
        cluster, name = self.key("addonName")
        arn = f"arn:aws:eks:{REGION}:{ACCOUNT}:addon/{cluster}/{name}/0"
        made = {"addonArn": arn, "clusterName": cluster, "createdAt": NOW, "modifiedAt": NOW, "status": "ACTIVE"}
        self.addons[cluster, name] = self.asked() | made | {"health": {"issues": []}}
        return self.describe_addon()

    def describe_addon(self) -> ActionResult:
        return self.found(self.addons, "addon", "addonName")

    def delete_addon(self) -> ActionResult:
        return ActionResult({"addon": self.addons.pop(self.key("addonName"))})

    def create_access_entry(self) -> ActionResult:
        cluster, principal = self.key("principalArn")
        made = {"accessEntryArn": f"arn:aws:eks:{REGION}:{ACCOUNT}:access-entry/{cluster}/0", "clusterName": cluster,
                "createdAt": NOW, "modifiedAt": NOW, "username": principal}
        self.entries[cluster, principal] = {"kubernetesGroups": [], "type": "STANDARD"} | self.asked() | made
        return self.describe_access_entry()

    def describe_access_entry(self) -> ActionResult:
        return self.found(self.entries, "accessEntry", "principalArn")

    def delete_access_entry(self) -> ActionResult:
        del self.entries[self.key("principalArn")]
        return EmptyResult()

    def associate_access_policy(self) -> ActionResult:
        policy = self.asked() | {"associatedAt": NOW, "modifiedAt": NOW}
        cluster, principal = key = self.key("principalArn")
        self.policies[key][policy["policyArn"]] = policy
        return ActionResult({"clusterName": cluster, "principalArn": principal, "associatedAccessPolicy": policy})

    def list_associated_access_policies(self) -> ActionResult:
        cluster, principal = key = self.key("principalArn")
        policies = list(self.policies[key].values())
        return ActionResult({"clusterName": cluster, "principalArn": principal, "associatedAccessPolicies": policies})

    def disassociate_access_policy(self) -> ActionResult:
        del self.policies[self.key("principalArn")][self._get_param("policyArn")]
        return EmptyResult()

    def create_cluster(self) -> ActionResult:
        result = self.moto_create_cluster()
        cluster = result.result["cluster"]
        cluster.identity = {"oidc": {"issuer": f"https://oidc.eks.{REGION}.amazonaws.com/id/{secrets.token_hex(16).upper()}"}}
        ec2 = ec2_backends[ACCOUNT][REGION]
        for subnet in cluster.resources_vpc_config["subnetIds"][:1]:
            vpc = ec2.get_subnet(subnet).vpc_id
            group = ec2.create_security_group(f"eks-cluster-sg-{cluster.name}", "EKS", vpc_id=vpc)
            cluster.resources_vpc_config["clusterSecurityGroupId"] = group.id
        self.keep(cluster, "accessConfig", "deletionProtection", "upgradePolicy", "zonalShiftConfig")
        return result

    def keep(self, thing: object, *names: str) -> None:
        for name in names:
            if name in self.asked():
                setattr(thing, xform_name(name), self.asked()[name])

    def update_cluster_config(self) -> ActionResult:
        self.keep(self.eks_backend.clusters[self._get_param("name")], "deletionProtection")
        return ActionResult({"update": {"id": "0", "status": "InProgress"}})

    def create_nodegroup(self) -> ActionResult:
        result = self.moto_create_nodegroup()
        for name in ("diskSize", "labels", "remoteAccess", "taints", "nodeRepairConfig", "updateConfig"):
            setattr(result.result["nodegroup"], xform_name(name), self.asked().get(name))
        return result

    def update_nodegroup_config(self) -> ActionResult:
        size = self.asked().get("scalingConfig")
        if size and size["minSize"] > size["desiredSize"]:
            limits = f"Minimum capacity {size['minSize']} can't be greater than desired size {size['desiredSize']}"
            raise InvalidParameterException(message=limits)
        return self.moto_update_nodegroup_config()

    def describe_update(self) -> ActionResult:
        return ActionResult({"update": {"id": self._get_param("updateId"), "status": "Successful", "errors": []}})


@extends(AutoScalingResponse)
class AutoScaling:
    def describe_auto_scaling_groups(self) -> ActionResult:
        asked = {*self._get_param("AutoScalingGroupNames", [])}
        asked |= {value for each in self._get_param("Filters", []) for value in each["Values"]}
        groups = []
        for cluster, found in eks_backends[ACCOUNT][REGION].clusters.items():
            for name, node_group in found.nodegroups.items():
                group, size = f"eks-{name}-of-{cluster}", node_group.scaling_config
                sizes = {"MinSize": size["minSize"], "MaxSize": size["maxSize"], "DesiredCapacity": size["desiredSize"]}
                if {group, cluster} & asked:
                    groups.append(sizes | {
                        "AutoScalingGroupName": group, "AutoScalingGroupARN": f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:{group}",
                        "DefaultCooldown": 300, "HealthCheckType": "EC2", "HealthCheckGracePeriod": 0, "CreatedTime": NOW})
        return ActionResult({"AutoScalingGroups": groups})


routed(cloudfront_urls, CloudFrontResponse, *(f"2020-05-31/{kind}{path}" for path in ("", "/(?P<id>[^/]+)") for kind in (
    "vpc-origin", "cache-policy", "origin-request-policy", "response-headers-policy")))


@extends(CloudFrontResponse)
class VpcOrigins:
    ids = itertools.count(1)
    origins: dict[str, dict[str, Any]] = {}

    def create_vpc_origin(self) -> ActionResult:
        name = f"vo_{next(self.ids)}"
        arn = f"arn:aws:cloudfront::{ACCOUNT}:vpcorigin/{name}"
        self.backend.tag_resource(arn, {tag["Key"]: tag["Value"] for tag in self._get_param("Tags.Items", [])})
        self.origins[name] = {
            "Id": name, "Arn": arn, "Status": "Deployed", "CreatedTime": NOW, "LastModifiedTime": NOW,
            "VpcOriginEndpointConfig": self._get_param("VpcOriginEndpointConfig")}
        return ActionResult({"VpcOrigin": self.origins[name], "ETag": "1"})

    def get_vpc_origin(self) -> ActionResult:
        if self._get_param("Id") not in self.origins:
            raise CloudFrontException("EntityNotFound", "There is no such VPC origin.")
        return ActionResult({"VpcOrigin": self.origins[self._get_param("Id")], "ETag": "1"})

    def unless_used(self, refusal: str) -> None:
        used = (origin.get("VpcOriginConfig", {}).get("VpcOriginId")
                for distribution in self.backend.distributions.values() for origin in distribution.distribution_config.Origins["Items"])
        if self._get_param("Id") in used:
            raise CloudFrontException(refusal, "A distribution uses the VPC origin.")

    def update_vpc_origin(self) -> ActionResult:
        self.unless_used("CannotUpdateEntityWhileInUse")
        return self.get_vpc_origin()

    def delete_vpc_origin(self) -> ActionResult:
        self.unless_used("CannotDeleteEntityWhileInUse")
        return ActionResult({"VpcOrigin": self.origins.pop(self._get_param("Id")), "ETag": "1"})


def managed(kind: str, name: str, identifier: str) -> None:
    policy = {"Id": identifier, "LastModifiedTime": NOW, f"{kind}Config": {"Name": name, "MinTTL": 0}}
    listed = {"MaxItems": 9, "Quantity": 1, "Items": [{"Type": "managed", kind: policy}]}
    setattr(CloudFrontResponse, f"get_{xform_name(kind)}", lambda _: ActionResult({kind: policy, "ETag": "1"}))
    setattr(CloudFrontResponse, f"list_{xform_name(kind)[:-1]}ies", lambda _: ActionResult({f"{kind}List": listed}))


managed("CachePolicy", "UseOriginCacheControlHeaders", "83da9c7e-98b4-4e11-a168-04f0df8e2c65")
managed("OriginRequestPolicy", "Managed-AllViewer", "216adef6-5c7f-47e4-b989-5492eafa07d3")
managed("ResponseHeadersPolicy", "Managed-SecurityHeadersPolicy", "67f7725c-6f97-4210-82d7-5512b31e9d03")


@extends(CodeBuildResponse)
class CodeBuild:
    webhooks: dict[str, dict[str, Any]] = {}

    def create_webhook(self) -> ActionResult:
        hook = json.loads(self.body) | {"payloadUrl": "https://codebuild.test/", "lastModifiedSecret": NOW, "status": "ACTIVE"}
        return ActionResult({"webhook": self.webhooks.setdefault(hook["projectName"], hook)})

    def delete_webhook(self) -> ActionResult:
        del self.webhooks[self._get_param("projectName")]
        return EmptyResult()

    def batch_get_projects(self) -> ActionResult:
        result = self.moto_batch_get_projects()
        hooked = [project | {"webhook": self.webhooks.get(project["name"])} for project in result.result["projects"]]
        return ActionResult({"projects": hooked})


@extends(BudgetsResponse)
class Budgets:
    tags: list[dict[str, str]] = []

    def create_budget(self) -> str:
        self.tags[:] = self._get_param("ResourceTags", [])
        return self.moto_create_budget()

    def list_tags_for_resource(self) -> str:
        return json.dumps({"ResourceTags": self.tags})

    def describe_subscribers_for_notification(self) -> str:
        budget = budgets_backends[ACCOUNT]["aws"].budgets[ACCOUNT][self._get_param("BudgetName")]
        asked = self._get_param("Notification")["NotificationType"]
        return json.dumps({"Subscribers": next(n.subscribers for n in budget.notifications if n.details["NotificationType"] == asked)})


@extends(LaunchTemplate)
class TagsApart:
    def create_version(self, data: dict[str, Any], description: str) -> Any:
        tags = [kind for kind in data.pop("TagSpecifications", []) if kind["ResourceType"] != "launch-template"]
        return self.moto_create_version(data | ({"TagSpecifications": tags} if tags else {}), description)


def keep_configuration(config: DistributionConfig, asked: dict[str, Any], init: Any = DistributionConfig.__init__) -> None:
    kept = copy.deepcopy(asked)
    init(config, asked)
    vars(config).update(kept)


DistributionConfig.__init__ = keep_configuration  # type: ignore[method-assign]
SecurityGroupRule.description = property(lambda rule: (rule.ip_range or rule.source_group).get("Description"))
route53.create_route53_zone_id = lambda **_: "Z0123456789ABCDEFGHIJ"
