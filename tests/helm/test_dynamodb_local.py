"""What the chart of the local store renders, and that the backend's chart finds it."""

from __future__ import annotations

from typing import Any

from chart import DYNAMODB_LOCAL, LOCAL, Manifests, render


def store(*values: dict[str, Any], **options: Any) -> Manifests:
    return render(*values, chart=DYNAMODB_LOCAL, **options)


def test_the_image_is_pinned_by_digest_or_named_by_a_tag_alone() -> None:
    name, digest = store().pod()["initContainers"][0]["image"].split("@sha256:")
    assert name.startswith("amazon/dynamodb-local:") and len(digest) == 64
    image = store({"image": {"tag": "3.2.0", "digest": ""}}).pod()["initContainers"][0]["image"]
    assert image == "amazon/dynamodb-local:3.2.0"


def test_every_pod_starts_the_store_then_makes_the_table_then_waits_for_it() -> None:
    manifests = store()
    server, maker = manifests.pod()["initContainers"]
    assert server["restartPolicy"] == "Always" and "startupProbe" in server, "the next container waits for the store"
    assert maker["args"] == ["create-table", "--if-not-exists"] and "restartPolicy" not in maker
    assert manifests.container()["readinessProbe"]["httpGet"]["path"] == "/ready"
    for container in (maker, manifests.container()):
        env = manifests.env(container)
        assert (env["DYNAMODB_ENDPOINT"], env["DYNAMODB_TABLE"]) == ("http://127.0.0.1:8000", "users")


def test_the_data_is_on_a_volume_of_one_pod_and_in_a_claim_if_asked() -> None:
    deployment = store().one("Deployment")["spec"]
    assert (deployment["replicas"], deployment["strategy"]) == (1, {"type": "Recreate"}), "two would share the file"
    server = store().pod()["initContainers"][0]
    assert server["args"][-2:] == ["-dbPath", "/data"] and "-inMemory" not in server["args"]
    assert {"name": "data", "mountPath": "/data"} in server["volumeMounts"]
    assert store().pod()["volumes"][0] == {"name": "data", "emptyDir": {"sizeLimit": "1Gi"}}
    claimed = store({"persistence": {"enabled": True, "size": "2Gi", "storageClassName": "fast"}})
    claim = claimed.one("PersistentVolumeClaim")
    assert (claim["spec"]["resources"]["requests"]["storage"], claim["spec"]["storageClassName"]) == ("2Gi", "fast")
    assert claimed.pod()["volumes"][0]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]


def test_its_test_asks_the_store_of_the_release_as_the_account_of_the_release() -> None:
    manifests = store(release="blue")
    assert manifests.env(manifests.one("Pod")["spec"]["containers"][0])["DYNAMODB_ENDPOINT"] == "http://blue-dynamodb-local:8000"
    assert [pod["serviceAccountName"] for pod in manifests.pods()] == [manifests.one("ServiceAccount")["metadata"]["name"]] * 2


def test_nothing_gets_out_and_only_the_namespace_gets_in() -> None:
    spec = store().one("NetworkPolicy", "dynamodb-local")["spec"]
    assert spec["policyTypes"] == ["Ingress", "Egress"] and "egress" not in spec
    assert spec["ingress"] == [{"from": [{"podSelector": {}}], "ports": [{"port": 8000, "protocol": "TCP"}]}]
    assert not list(store({"networkPolicy": {"enabled": False}}).of("NetworkPolicy"))


def test_the_local_backend_finds_it_by_name_port_table_and_region() -> None:
    backend, local_store = render(LOCAL), store()
    service = local_store.one("Service")
    server, maker = local_store.pod()["initContainers"]
    [port], [own] = service["spec"]["ports"], server["ports"]
    assert (port["targetPort"], own["containerPort"]) == (own["name"], 8000)
    assert backend.env()["DYNAMODB_ENDPOINT"] == f"http://{service['metadata']['name']}:{port['port']}"
    for variable in ("DYNAMODB_TABLE", "AWS_REGION"):
        assert local_store.env(maker)[variable] == backend.env()[variable]
