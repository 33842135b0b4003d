"""Names that have to be the same in the Terraform roots and in what the chart makes of them.

backend_values.json is the document between the two: `terraform test` holds that the release sets exactly these values
(terraform/kubernetes/tests), and tests/helm what the chart makes of them.
"""

import json
import re
from pathlib import Path
from typing import Any

import hcl2
import pytest
from chart import MINIMUM, ROOT, TERRAFORM, render

ROOTS = ROOT / "terraform"
VALUES = json.loads(TERRAFORM.read_text())
MANIFESTS = render(TERRAFORM)
PLAIN = hcl2.SerializationOptions(with_comments=False, explicit_blocks=False, strip_string_quotes=True)


def local_value(path: Path, name: str) -> Any:
    return next(block[name] for block in hcl2.loads(path.read_text(), serialization_options=PLAIN)["locals"] if name in block)


IRSA = local_value(ROOTS / "aws/irsa.tf", "irsa")


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_the_service_account_is_the_one_that_the_role_trusts_and_both_sides_name_the_role_alike(environment: str) -> None:
    account = render(MINIMUM, {"environment": environment}).one("ServiceAccount")["metadata"]
    assert account["name"] == IRSA["backend"]["service_account"].replace("${var.environment}", environment)
    role = f"arn:aws:iam::123456789012:role/{environment}-backend-irsa-role"
    assert account["annotations"]["eks.amazonaws.com/role-arn"] == role
    assert VALUES["aws"]["irsa"]["roleName"].replace("dev", environment) == role
    assert '"${var.environment}-${each.key}-irsa-role"' in (ROOTS / "aws/irsa.tf").read_text()


def test_the_apply_role_may_make_exactly_the_roles_of_the_service_accounts() -> None:
    roles = (ROOTS / "bootstrap/locals.tf").read_text().partition("environment_roles")[2]
    assert set(json.loads(re.search(r'"%s-irsa-role", (\[.*\])', roles)[1])) == IRSA.keys()


def test_images_and_charts_are_pushed_to_where_they_are_pulled_from() -> None:
    assert local_value(ROOTS / "bootstrap/ecr.tf", "repositories")["chart"] == "charts/backend"
    assert local_value(ROOTS / "bootstrap/locals.tf", "project") == VALUES["image"]["name"]


def test_the_load_balancers_are_found_by_the_names_that_their_ingresses_have() -> None:
    ingresses = {each["metadata"]["annotations"]["alb.ingress.kubernetes.io/scheme"]: each["metadata"]["name"] for each in MANIFESTS.of("Ingress")}
    assert local_value(ROOTS / "dns/locals.tf", "ingresses") == ingresses


def test_the_collector_finds_the_pods_of_the_chart() -> None:
    scrape = local_value(ROOTS / "kubernetes/collector_config.tf", "scrape_backend")
    [keep] = (rule["regex"] for rule in scrape["relabel_configs"] if rule["action"] == "keep")
    name = MANIFESTS.one("Deployment")["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"]
    assert keep in [f"{name};{port['name']}" for port in MANIFESTS.container()["ports"]]
