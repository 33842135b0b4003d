"""moto's AWS emulator on a port of 127.0.0.1, with what it lacks for these roots: emulator_gaps.py, and here what has no place in moto.

    python emulator.py PORT     serves until it is ended; it is a proxy too, for S3 Control, whose host names have the
                                account before them: HTTP_PROXY=http://127.0.0.1:PORT NO_PROXY=127.0.0.1

- S3 lifecycle rules: answered as they were put, with the header that AWS adds; moto loses some of both
- S3 bucket policies: kept here and not enforced; the state's refuses all but TLS, which the emulator does not speak
- S3 buckets: the tags that CreateBucket brings are kept here; moto forgets them
- S3 Control: refused as not allowed, so that the provider tags buckets through S3; moto answers under AWS's own name only
- CloudWatch: its calls in CBOR are handed to moto in JSON, the only form that moto takes them in
- CodeConnections: kept here, and never past PENDING, as the handshake is done by hand; moto has none
"""

import io
import json
import re
import sys
from collections.abc import Callable, Iterable
from typing import Any

import cbor2
import emulator_gaps  # noqa: F401
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request, Response

CONNECTION = "arn:aws:codestar-connections:eu-west-1:123456789012:connection/00000000-0000-0000-0000-000000000001"


def answer(body: dict[str, Any], status: int = 200, **headers: str) -> Response:
    return Response(json.dumps(body), status, headers, mimetype="application/x-amz-json-1.1")


class Emulator:
    """Answers what moto cannot, and passes everything else on to it."""

    def __init__(self) -> None:
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.lifecycles: dict[str, bytes] = {}
        self.policies: dict[str, bytes] = {}
        self.tags: dict[str, bytes] = {}
        self.connections: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        request.get_data(cache=True)
        return self.respond(request)(environ, start_response)

    def respond(self, request: Request) -> Response:
        service = request.headers.get("Authorization", "").partition("/aws4_request")[0].rpartition("/")[2]
        if service == "monitoring" and request.path.startswith("/service/"):
            return self.in_json(request)
        if service == "codestar-connections":
            return self.connection(request)
        if not request.host.startswith("127.0.0.1"):
            return Response("<ErrorResponse><Error><Code>MethodNotAllowed</Code></Error></ErrorResponse>", 405, mimetype="text/xml")
        if service == "s3" and "lifecycle" in request.args:
            return self.lifecycle(request)
        if service == "s3" and "policy" in request.args:
            return self.policy(request)
        if service == "s3" and b"<CreateBucketConfiguration" in request.data:
            self.tags[request.path] = b"".join(re.findall(rb"<Tag>.*?</Tag>", request.data))
        if service == "s3" and request.method == "GET" and "tagging" in request.args and self.tags.get(request.path):
            return Response(b"<Tagging><TagSet>" + self.tags[request.path] + b"</TagSet></Tagging>", mimetype="application/xml")
        return self.forward(request)

    def forward(self, request: Request, body: bytes | None = None, **changed: str) -> Response:
        """moto's answer to the request, or to one like it but for its body and what is changed in its environment."""
        body = request.data if body is None else body
        environ = request.environ | {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))} | changed
        answer, status, headers = run_wsgi_app(self.moto, environ, buffered=True)
        return Response(answer, status, headers)

    def lifecycle(self, request: Request) -> Response:
        response = self.forward(request)
        if request.method == "PUT" and response.status_code == 200:
            self.lifecycles[request.path] = request.data
        if request.method == "GET" and response.status_code == 200:
            response.set_data(self.lifecycles[request.path])
        response.headers["x-amz-transition-default-minimum-object-size"] = "all_storage_classes_128K"
        return response

    def policy(self, request: Request) -> Response:
        if request.method == "PUT":
            self.policies[request.path] = request.data
            return Response(status=204)
        if request.path not in self.policies:
            return Response("<Error><Code>NoSuchBucketPolicy</Code></Error>", 404, mimetype="application/xml")
        if request.method == "DELETE":
            del self.policies[request.path]
            return Response(status=204)
        return Response(self.policies[request.path], mimetype="application/json")

    def in_json(self, request: Request) -> Response:
        _, service, _, action = request.path.strip("/").split("/")
        asked = json.dumps(cbor2.loads(request.data), default=str).encode()
        response = self.forward(request, asked, PATH_INFO="/", CONTENT_TYPE="application/x-amz-json-1.0", HTTP_X_AMZ_TARGET=f"{service}.{action}")
        body = cbor2.dumps(json.loads(response.get_data() or b"{}", object_hook=stamped))
        return Response(body, response.status_code, {"smithy-protocol": "rpc-v2-cbor"}, mimetype="application/cbor")

    def connection(self, request: Request) -> Response:
        asked = json.loads(request.data)
        match request.headers["X-Amz-Target"].rpartition(".")[2]:
            case "CreateConnection":
                made = {"ConnectionArn": CONNECTION, "ConnectionStatus": "PENDING", "OwnerAccountId": "123456789012"}
                self.connections = [asked | made]
                return answer({"ConnectionArn": CONNECTION, "Tags": asked["Tags"]})
            case "DeleteConnection":
                self.connections = []
                return answer({})
            case "ListTagsForResource":
                return answer({"Tags": self.connections[0]["Tags"]})
            case "GetConnection" if not self.connections:
                return answer({}, 400, **{"x-amzn-ErrorType": "ResourceNotFoundException"})
        # GetConnection and ListConnections.
        return answer({"Connections": self.connections} | {"Connection": each for each in self.connections})


def stamped(found: dict[str, Any]) -> dict[str, Any]:
    """Marks what is a time: in moto's JSON it is a number, in CBOR it is not."""
    for name, value in found.items():
        if name.endswith(("Timestamp", "LastModified")):
            found[name] = cbor2.CBORTag(1, value)
        if name == "Timestamps":
            found[name] = [cbor2.CBORTag(1, each) for each in value]
    return found


if __name__ == "__main__":
    run_simple("127.0.0.1", int(sys.argv[1]), Emulator(), threaded=True)
