"""Compares the calls that the AWS provider made with what the pipeline's roles may do.

    python3 permissions.py BOOTSTRAP_STATE.json STAGE LOGS

LOGS has the provider's debug logs: `*-plan-calls` of plans, `*-apply-calls` of applies and destroys. Only the actions are
compared; conditions and resources are for `terraform test`. Exits 1 when a call is not allowed.
"""

import fnmatch
import json
import re
import sys
from pathlib import Path

# The services' names in the log -> their prefix in IAM.
PREFIX = {
    "ACM": "acm",
    "CloudWatch Logs": "logs",
    "DynamoDB": "dynamodb",
    "EC2": "ec2",
    "EKS": "eks",
    "Elastic Load Balancing v2": "elasticloadbalancing",
    "IAM": "iam",
    "KMS": "kms",
    "Route 53": "route53",
}

# Needs no permission.
FREE = {"STS"}

CALL = re.compile(r'rpc\.method="?(?P<method>\w+)"?.*?rpc\.service="?(?P<service>[\w ]+?)"?(?: |$)')


def called(logs: list[Path]) -> set[str]:
    lines = (line for log in logs for line in log.read_text(errors="replace").splitlines() if "HTTP Request Sent" in line)
    calls = {(match["service"], match["method"]) for line in lines if (match := CALL.search(line))}
    unknown = {service for service, _ in calls} - set(PREFIX) - FREE
    if unknown:
        sys.exit(f"permissions.py: no IAM prefix is known for {', '.join(sorted(unknown))}: add it to PREFIX")
    return {f"{PREFIX[service]}:{method}" for service, method in calls if service not in FREE}


def allowed(state: dict, names: list[str]) -> set[str]:
    """The actions of the policies with these names, as managed or inline policies of the state."""
    resources = state["values"]["root_module"]["resources"]
    documents = [json.loads(r["values"]["policy"]) for r in resources if "policy" in r["values"] and r["values"].get("name") in names]
    if len(documents) != len(names):
        sys.exit(f"permissions.py: of the policies {', '.join(names)} only {len(documents)} are in the state")
    actions: set[str] = set()
    for document in documents:
        for statement in document["Statement"]:
            actions |= {statement["Action"]} if isinstance(statement["Action"], str) else set(statement["Action"])
    return actions


def compare(role: str, calls: set[str], actions: set[str]) -> bool:
    missing = {call for call in calls if not any(fnmatch.fnmatchcase(call, action) for action in actions)}
    print(f"permissions: {len(calls)} actions called as {role}, {len(missing)} not allowed {' '.join(sorted(missing))}".strip())
    return bool(calls) and not missing


def main() -> None:
    state_file, stage, logs = sys.argv[1:]
    state = json.loads(Path(state_file).read_text())
    project = "backend-cloud-app"
    read = [f"{project}-read"]
    apply = read + [f"{project}-apply-{stage}-{concern}" for concern in ("state", "network", "cluster", "iam")]

    plan_ok = compare("plan", called(sorted(Path(logs).glob("*-plan-calls"))), allowed(state, read))
    apply_ok = compare(f"apply-{stage}", called(sorted(Path(logs).glob("*-apply-calls"))), allowed(state, apply))
    sys.exit(0 if plan_ok and apply_ok else 1)


if __name__ == "__main__":
    main()
