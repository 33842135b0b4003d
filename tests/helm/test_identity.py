"""Names, labels, accounts and images of what the backend's chart renders; test_charts.py has what both charts share."""

from __future__ import annotations

from typing import Any

import pytest
from chart import LOCAL, MINIMUM, render

ROLE = "eks.amazonaws.com/role-arn"
ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
DIGEST = "sha256:" + "a1" * 32


@pytest.mark.parametrize(("values", "account", "created"), [
    ({}, "backend-sa", True),
    ({"environment": "dev"}, "dev-backend-sa", True),
    ({"serviceAccount": {"name": "robot"}}, "robot", True),
    ({"serviceAccount": {"name": "robot", "create": False}}, "robot", False),
    ({"serviceAccount": {"create": False}, "aws": {"accountId": ""}}, "default", False),
])
def test_the_service_account_is_named_after_the_environment_or_given(values: dict[str, Any], account: str, created: bool) -> None:
    manifests = render(MINIMUM, values)
    assert [m["metadata"]["name"] for m in manifests.of("ServiceAccount")] == [account] * created
    assert [pod["serviceAccountName"] for pod in manifests.pods()] == [account] * 2


@pytest.mark.parametrize(("values", "arn"), [
    *(({"aws": {"accountId": account}}, f"arn:aws:iam::{account}:role/backend-irsa-role")
      for account in (123456789012, "123456789012", 410000000000, "012345678901")),
    ({"environment": "dev"}, "arn:aws:iam::123456789012:role/dev-backend-irsa-role"),
    ({"aws": {"irsa": {"roleName": "team/reader"}}}, "arn:aws:iam::123456789012:role/team/reader"),
    ({"dynamodb": {"region": "cn-north-1", "endpoint": ""}}, "arn:aws-cn:iam::123456789012:role/backend-irsa-role"),
    ({"dynamodb": {"region": "us-gov-west-1", "endpoint": ""}}, "arn:aws-us-gov:iam::123456789012:role/backend-irsa-role"),
    *(({"aws": {"accountId": "", "irsa": {"roleName": arn}}}, arn) for arn in (
        "arn:aws:iam::999999999999:role/reader", "arn:aws-us-gov:iam::999999999999:role/reader")),
    ({"aws": {"accountId": ""}, "serviceAccount": {"annotations": {ROLE: "arn:aws:iam::1:role/own"}}}, "arn:aws:iam::1:role/own"),
    ({"aws": {"irsa": {"enabled": False}}}, None),
])
def test_the_role_is_a_name_in_the_account_and_the_region_s_partition_or_an_arn(values: dict[str, Any], arn: str | None) -> None:
    assert render(MINIMUM, values).one("ServiceAccount")["metadata"].get("annotations", {}).get(ROLE) == arn


@pytest.mark.parametrize(("image", "reference"), [
    ({}, "backend-cloud-app:1.0.0"),
    ({"tag": "2.0.0"}, "backend-cloud-app:2.0.0"),
    ({"tag": "latest", "digest": DIGEST}, f"backend-cloud-app@{DIGEST}"),
    ({"repository": ECR}, f"{ECR}/backend-cloud-app:1.0.0"),
    ({"repository": f"{ECR}/"}, f"{ECR}/backend-cloud-app:1.0.0"),
    ({"repository": f"{ECR}/backend-cloud-app"}, f"{ECR}/backend-cloud-app:1.0.0"),
    ({"repository": f"{ECR}/team", "name": "greeter"}, f"{ECR}/team/greeter:1.0.0"),
    ({"repository": "backend-cloud-app"}, "backend-cloud-app:1.0.0"),
])
def test_the_image_is_named_by_its_parts_and_is_the_test_s_too(image: dict[str, str], reference: str) -> None:
    assert [pod["containers"][0]["image"] for pod in render(MINIMUM, {"image": image}).pods()] == [reference] * 2


@pytest.mark.parametrize(("tag", "label"), [("a" * 128, "a" * 63), ("_v1-", "v1"), ("", "1.0.0")])
def test_the_version_label_is_valid_for_every_tag(tag: str, label: str) -> None:
    metadata = render(MINIMUM, {"image": {"tag": tag}}).one("Deployment")["metadata"]
    assert metadata["labels"]["app.kubernetes.io/version"] == label


def test_selectors_depend_on_the_release_alone() -> None:
    one, blue = (render(MINIMUM, release=release).one("Deployment")["spec"] for release in ("backend", "blue"))
    other = render(LOCAL, {"image": {"tag": "9"}, "podLabels": {"team": "a"}, "commonLabels": {"cost": 7}}).one("Deployment")["spec"]
    assert one["selector"] == other["selector"] != blue["selector"]
    assert one["selector"]["matchLabels"].items() <= other["template"]["metadata"]["labels"].items()


def test_labels_and_annotations_can_be_added_and_replaced() -> None:
    manifests = render(MINIMUM, {
        "commonLabels": {"cost-center": 1234567}, "podLabels": {"build": 12345678, "app.kubernetes.io/part-of": "shop"},
        "podAnnotations": {"prometheus.io/scrape": False}, "service": {"annotations": {"max-age": 31536000}},
        "httpRoute": {"enabled": True, "parentRefs": [{"name": "edge"}], "annotations": {"max-age": 31536000}}})
    for kind in ("Service", "HTTPRoute"):
        assert manifests.one(kind)["metadata"]["annotations"] == {"max-age": "31536000"}
    assert {manifest["metadata"]["labels"]["cost-center"] for manifest in manifests} == {"1234567"}
    metadata = manifests.one("Deployment")["spec"]["template"]["metadata"]
    assert (metadata["labels"]["build"], metadata["labels"]["app.kubernetes.io/part-of"]) == ("12345678", "shop")
    assert metadata["annotations"] | {"prometheus.io/scrape": "false", "prometheus.io/port": "8888"} == metadata["annotations"]
