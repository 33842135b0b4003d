"""What a CodeBuild runner needs and moto lacks: CodeConnections, and the webhooks of CodeBuild. Ours, from AWS's API reference."""

import json
from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Request, Response

GAPS = [
    "CodeConnections: kept here, and never past PENDING, as the handshake is done by hand; moto has none",
    "CodeBuild webhooks: kept here, and told with their project; moto has none",
]

CONNECTION = "arn:aws:codestar-connections:eu-west-1:123456789012:connection/00000000-0000-0000-0000-000000000001"


class Runner:
    def __init__(self, forward: Callable[..., Response]) -> None:
        self.forward = forward
        self.connections: list[dict[str, Any]] = []
        self.tags: list[dict[str, str]] = []
        self.webhooks: dict[str, dict[str, Any]] = {}

    def handle(self, request: Request) -> Response:
        asked = json.loads(request.data)
        match request.headers["X-Amz-Target"].rpartition(".")[2]:
            case "CreateConnection":
                self.tags = asked.pop("Tags")
                self.connections = [asked | {"ConnectionArn": CONNECTION, "ConnectionStatus": "PENDING", "OwnerAccountId": "123456789012"}]
                return answer({"ConnectionArn": CONNECTION, "Tags": self.tags})
            case "GetConnection" if self.connections:
                return answer({"Connection": self.connections[0]})
            case "GetConnection":
                return Response("{}", 400, {"x-amzn-ErrorType": "ResourceNotFoundException"})
            case "ListConnections":
                return answer({"Connections": self.connections})
            case "ListTagsForResource":
                return answer({"Tags": self.tags})
            case "DeleteConnection":
                self.connections = []
                return answer({})
            case "CreateWebhook":
                hook = asked | {"payloadUrl": "https://codebuild.test/", "lastModifiedSecret": 0, "status": "ACTIVE"}
                return answer({"webhook": self.webhooks.setdefault(asked["projectName"], hook)})
            case "DeleteWebhook":
                self.webhooks.pop(asked["projectName"])
                return answer({})
        response = self.forward(request)
        projects = json.loads(response.get_data() or b"{}")
        for project in projects.get("projects", []):
            project |= {"webhook": self.webhooks[project["name"]]} if project["name"] in self.webhooks else {}
        return Response(json.dumps(projects), response.status_code, mimetype="application/x-amz-json-1.1")


def answer(body: dict[str, Any]) -> Response:
    return Response(json.dumps(body), mimetype="application/x-amz-json-1.1")
