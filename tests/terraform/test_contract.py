"""What Terraform tells the chart, and what the chart makes of it: names that have to be the same on both sides.

backend_values.json is the document between the two: `terraform test` holds that the release sets exactly these values
(terraform/kubernetes/tests), and this test, which needs no provider, that they are values of the chart.
"""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import hcl2
import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
CHART = REPOSITORY / "helm" / "backend"
ROOTS = REPOSITORY / "terraform"
ENVIRONMENTS = ["dev", "staging", "prod"]

Manifests = dict[str, dict[str, Any]]


def parsed(path: Path) -> Any:
    """A Terraform file as data, without the quotes and marks that the parser keeps."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {plain(key): plain(item) for key, item in value.items() if not str(key).startswith("__")}
        if isinstance(value, list):
            return [plain(item) for item in value]
        return value.strip('"') if isinstance(value, str) else value

    with path.open() as file:
        return plain(hcl2.load(file))


def local_value(path: Path, name: str) -> Any:
    return next(block[name] for block in parsed(path)["locals"] if name in block)


def values_of(environment: str) -> dict[str, Any]:
    text = (ROOTS / "kubernetes" / "tests" / "backend_values.json").read_text()
    return json.loads(re.sub(r"\bdev\b", environment, text))


def leaves(value: Any, path: str = "") -> set[str]:
    if not isinstance(value, dict):
        return {path}
    return {leaf for key, item in value.items() for leaf in leaves(item, f"{path}.{key}".strip("."))}


@pytest.fixture(params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest) -> str:
    return request.param


def rendered(values: dict[str, Any], environment: str, directory: Path) -> Manifests:
    """The chart as Helm makes it of these values, by kind."""
    file = directory / "values.json"
    file.write_text(json.dumps(values))
    version = parsed(ROOTS / "env" / f"{environment}.tfvars")["versions"]["kubernetes"]
    command = ["helm", "template", "backend", CHART, "--namespace", environment, "--kube-version", version, "--values", file]
    documents = yaml.safe_load_all(subprocess.check_output(command, text=True))
    return {
        document["kind"]: document
        for document in documents
        if document and document["metadata"]["name"] in ("backend", f"{environment}-backend-sa")
    }


@pytest.fixture
def manifests(environment: str, tmp_path: Path) -> Manifests:
    return rendered(values_of(environment), environment, tmp_path)


def test_the_document_between_has_the_values_that_terraform_sets() -> None:
    assert leaves(values_of("dev")) == leaves(local_value(ROOTS / "kubernetes" / "backend.tf", "backend_values"))


def test_every_value_that_terraform_sets_is_one_of_the_charts() -> None:
    chart = yaml.safe_load((CHART / "values.yaml").read_text())
    assert leaves(values_of("dev")) <= leaves(chart)


def test_the_service_account_is_the_one_that_the_role_trusts(environment: str, manifests: Manifests) -> None:
    trusted = local_value(ROOTS / "aws" / "irsa.tf", "irsa")["backend"]
    account = manifests["ServiceAccount"]["metadata"]

    assert account["name"] == trusted["service_account"].replace("${var.environment}", environment)
    assert manifests["Deployment"]["spec"]["template"]["spec"]["serviceAccountName"] == account["name"]
    assert account.get("namespace", environment) == environment


def test_the_role_has_the_name_that_the_chart_would_give_it(environment: str, manifests: Manifests, tmp_path: Path) -> None:
    without = values_of(environment)
    del without["aws"]["irsa"]["roleName"]
    accounts = [found["ServiceAccount"]["metadata"] for found in (manifests, rendered(without, environment, tmp_path))]

    assert {account["annotations"]["eks.amazonaws.com/role-arn"] for account in accounts} == {f"arn:aws:iam::123456789012:role/{environment}-backend-irsa-role"}
    assert '"${var.environment}-${each.key}-irsa-role"' in (ROOTS / "aws" / "irsa.tf").read_text()


def test_the_service_uses_the_environments_table(environment: str, manifests: Manifests) -> None:
    (container,) = manifests["Deployment"]["spec"]["template"]["spec"]["containers"]
    variables = {variable["name"]: variable.get("value") for variable in container["env"]}
    settings = parsed(ROOTS / "env" / f"{environment}.tfvars")

    assert settings["environment"] == environment
    assert (variables["STORE"], variables["DYNAMODB_TABLE"], variables["AWS_REGION"]) == ("dynamodb", settings["dynamodb_users_table_name"], settings["region"])
    assert settings["dynamodb_users_table_name"] == f"{environment}-users"


def test_the_image_is_named_by_its_digest(manifests: Manifests) -> None:
    (container,) = manifests["Deployment"]["spec"]["template"]["spec"]["containers"]
    registry = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/backend-cloud-app"
    assert container["image"].startswith(registry)
    assert container["image"].endswith("@" + values_of("dev")["image"]["digest"])


def test_the_repositories_are_those_that_images_are_pulled_from() -> None:
    repositories = local_value(ROOTS / "bootstrap" / "ecr.tf", "repositories")
    assert repositories["chart"] == "charts/backend"
    assert local_value(ROOTS / "bootstrap" / "locals.tf", "project") == values_of("dev")["image"]["name"]


def test_the_load_balancer_serves_the_certificates_host(environment: str, manifests: Manifests) -> None:
    ingress = manifests["Ingress"]
    assert [rule["host"] for rule in ingress["spec"]["rules"]] == [f"{environment}-api.birthdays.test"]
    assert ingress["metadata"]["annotations"]["alb.ingress.kubernetes.io/certificate-arn"] == values_of(environment)["ingress"]["acmCertificateArn"]


def test_the_load_balancers_are_found_by_the_names_that_their_ingresses_have(manifests: Manifests) -> None:
    name = manifests["Ingress"]["metadata"]["name"]
    assert local_value(ROOTS / "dns" / "locals.tf", "ingresses") == {"internet-facing": name, "internal": f"{name}-internal"}


def test_the_apply_role_may_make_exactly_the_roles_of_the_service_accounts() -> None:
    roles = (ROOTS / "bootstrap" / "locals.tf").read_text().partition("environment_roles")[2]
    named = re.search(r'"%s-irsa-role", \[(.*)\]', roles)
    assert named and set(json.loads(f"[{named[1]}]")) == set(local_value(ROOTS / "aws" / "irsa.tf", "irsa"))


def test_pods_are_reached_from_the_public_subnets_and_the_collector_only(manifests: Manifests) -> None:
    policy = json.dumps(manifests["NetworkPolicy"]["spec"]["ingress"])
    for cidr in values_of("dev")["networkPolicy"]["ingressCidrs"]:
        assert cidr in policy
    assert '"kubernetes.io/metadata.name": "monitoring"' in policy
    assert "0.0.0.0/0" not in policy


def test_the_collector_finds_the_pods_of_the_chart(manifests: Manifests) -> None:
    scrape = local_value(ROOTS / "kubernetes" / "collector_config.tf", "scrape_backend")
    (keep,) = [rule for rule in scrape["relabel_configs"] if rule["action"] == "keep"]
    template = manifests["Deployment"]["spec"]["template"]
    (container,) = template["spec"]["containers"]

    name, port = keep["regex"].split(";")
    assert template["metadata"]["labels"]["app.kubernetes.io/name"] == name
    assert port in [entry["name"] for entry in container["ports"]]
