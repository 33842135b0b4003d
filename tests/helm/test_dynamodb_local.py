"""What the chart of the local store renders, and that the backend's chart finds it."""

from __future__ import annotations

from typing import Any

import pytest
from chart import DYNAMODB_LOCAL, HELMS, LOCAL, Manifests, RenderError, render


def store(values: dict[str, Any] | None = None, helm: str = "helm") -> Manifests:
    return render(values or {}, chart=DYNAMODB_LOCAL, helm=helm)


def containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return [*pod.get("initContainers", []), *pod["containers"]]


def test_the_image_is_pinned_by_digest() -> None:
    name, digest = store().pod()["initContainers"][0]["image"].split("@sha256:")
    assert name.startswith("amazon/dynamodb-local:") and len(digest) == 64


def test_a_tag_alone_can_be_given() -> None:
    image = store({"image": {"tag": "3.2.0", "digest": ""}}).pod()["initContainers"][0]["image"]
    assert image == "amazon/dynamodb-local:3.2.0"


def test_every_pod_starts_the_store_then_makes_the_table_then_waits_for_it() -> None:
    pod = store().pod()
    server, maker = pod["initContainers"]
    assert server["restartPolicy"] == "Always" and "startupProbe" in server, "the next container waits for the store"
    assert maker["args"] == ["create-table", "--if-not-exists"] and "restartPolicy" not in maker
    assert pod["containers"][0]["readinessProbe"]["httpGet"]["path"] == "/ready"
    for container in (maker, pod["containers"][0]):
        env = {variable["name"]: variable["value"] for variable in container["env"]}
        assert (env["DYNAMODB_ENDPOINT"], env["DYNAMODB_TABLE"]) == ("http://127.0.0.1:8000", "users")


def test_the_data_is_on_a_volume_and_in_a_claim_if_asked() -> None:
    pod = store().pod()
    server = pod["initContainers"][0]
    assert server["args"][-2:] == ["-dbPath", "/data"] and "-inMemory" not in server["args"]
    assert {"name": "data", "mountPath": "/data"} in server["volumeMounts"]
    assert pod["volumes"][0] == {"name": "data", "emptyDir": {"sizeLimit": "1Gi"}}
    claimed = store({"persistence": {"enabled": True, "size": "2Gi", "storageClassName": "fast"}})
    claim = claimed.one("PersistentVolumeClaim")
    assert (claim["spec"]["resources"]["requests"]["storage"], claim["spec"]["storageClassName"]) == ("2Gi", "fast")
    assert claimed.pod()["volumes"][0]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]


def test_two_stores_never_share_the_file() -> None:
    deployment = store().one("Deployment")["spec"]
    assert (deployment["replicas"], deployment["strategy"]) == (1, {"type": "Recreate"})


def test_every_container_is_restricted() -> None:
    for name, pod in store().pod_specs():
        assert pod["securityContext"]["runAsNonRoot"] is True and pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in containers(pod):
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False and context["readOnlyRootFilesystem"] is True
            assert context["capabilities"] == {"drop": ["ALL"]}
            # A quota of CPU and memory refuses a container that leaves one out.
            assert {"cpu", "memory"} == container["resources"]["requests"].keys() == container["resources"]["limits"].keys()


def test_both_pods_go_where_they_are_told_with_the_registry_s_secrets() -> None:
    placement = {
        "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"key": "dev", "operator": "Exists"}],
        "imagePullSecrets": [{"name": "registry"}],
    }
    for name, pod in store(placement).pod_specs():
        assert pod | placement == pod, name


def test_the_test_ends_by_itself_and_goes_away() -> None:
    pod = store().one("Pod")
    assert pod["metadata"]["annotations"]["helm.sh/hook-delete-policy"] == "before-hook-creation,hook-succeeded"
    assert pod["spec"]["activeDeadlineSeconds"] == 120


@pytest.mark.parametrize(("release", "name"), [
    ("dynamodb-local", "dynamodb-local"), ("blue", "blue-dynamodb-local"), ("123456", "dynamodb-local-123456"),
])
def test_every_object_has_the_name_of_the_release(release: str, name: str) -> None:
    manifests = render({"persistence": {"enabled": True}}, chart=DYNAMODB_LOCAL, release=release)
    assert {m["metadata"]["name"].removesuffix("-test").removesuffix("-table") for m in manifests} == {name}
    env = {v["name"]: v["value"] for v in manifests.one("Pod")["spec"]["containers"][0]["env"]}
    assert env["DYNAMODB_ENDPOINT"] == f"http://{name}:8000"
    assert all(pod["serviceAccountName"] == name for _, pod in manifests.pod_specs())


def test_nothing_gets_out_and_only_the_namespace_gets_in() -> None:
    spec = store().one("NetworkPolicy", "dynamodb-local")["spec"]
    assert spec["policyTypes"] == ["Ingress", "Egress"] and "egress" not in spec
    assert spec["ingress"] == [{"from": [{"podSelector": {}}], "ports": [{"port": 8000, "protocol": "TCP"}]}]
    assert not list(store({"networkPolicy": {"enabled": False}}).of("NetworkPolicy"))


def test_the_local_backend_finds_it_by_name_port_table_region_and_labels() -> None:
    backend, local_store = render(LOCAL), store()
    service = local_store.one("Service")
    assert backend.env()["DYNAMODB_ENDPOINT"] == (
        f"http://{service['metadata']['name']}:{service['spec']['ports'][0]['port']}"
    )
    env = {variable["name"]: variable["value"] for variable in local_store.pod()["initContainers"][1]["env"]}
    for variable in ("DYNAMODB_TABLE", "AWS_REGION"):
        assert env[variable] == backend.env()[variable]
    allowed = backend.one("NetworkPolicy", "backend")["spec"]["egress"][-1]
    [port] = local_store.pod()["initContainers"][0]["ports"]
    assert allowed == {"to": [{"podSelector": {}}], "ports": [{"port": port["containerPort"], "protocol": "TCP"}]}


def test_its_service_never_sends_requests_to_the_test() -> None:
    manifests = store()
    selector = manifests.one("Service")["spec"]["selector"].items()
    assert selector <= manifests.one("Deployment")["spec"]["template"]["metadata"]["labels"].items()
    assert not selector <= manifests.one("Pod")["metadata"]["labels"].items()


@pytest.mark.parametrize("helm", HELMS)
def test_unknown_values_are_refused(helm: str) -> None:
    with pytest.raises(RenderError, match="additional properties 'tables' not allowed"):
        store({"tables": "users"}, helm)
