"""Compares the calls that the AWS provider made with what the pipeline's roles may do.

    python3 permissions.py BOOTSTRAP_STATE.json ENVIRONMENT LOGS

LOGS has the provider's debug logs: `<environment>-plan-calls` of plans, `<environment>-apply-calls` of applies and destroys. Only the actions are
compared; conditions and resources are for `terraform test`. Exits 1 when a call is not allowed.
"""

import fnmatch
import json
import re
import sys
from pathlib import Path

# Needs no permission.
FREE = {"sts"}

# A record may have several lines, and its fields in any order.
RECORD = re.compile(r"^(?=\d{4}-\d{2}-\d{2}T)", re.MULTILINE)
METHOD = re.compile(r'rpc\.method="?(\w+)')
# A request is signed for a service under the name that IAM has for it.
SERVICE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([a-z0-9-]+)/aws4_request")


def called(logs: list[Path]) -> set[str]:
    """The actions of the calls in these logs."""
    records = (record for log in logs for record in RECORD.split(log.read_text(errors="replace")))
    calls: set[tuple[str, str]] = set()
    for record in records:
        if "HTTP Request Sent" not in record:
            continue
        method, service = METHOD.search(record), SERVICE.search(record)
        if not (method and service):
            sys.exit(f"permissions.py: a request without its service and method: {record[:200]}")
        calls.add((service[1], method[1]))
    return {f"{service}:{method}" for service, method in calls if service not in FREE}


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
    state_file, environment, logs = sys.argv[1:]
    state = json.loads(Path(state_file).read_text())
    project = "backend-cloud-app"
    read = [f"{project}-read"]
    apply = read + [f"{project}-apply-{environment}-{concern}" for concern in ("state", "network", "cluster", "iam", "edge")]

    plan_ok = compare("plan", called(sorted(Path(logs).glob(f"{environment}-plan-calls"))), allowed(state, read))
    apply_ok = compare(f"apply-{environment}", called(sorted(Path(logs).glob(f"{environment}-apply-calls"))), allowed(state, apply))
    sys.exit(0 if plan_ok and apply_ok else 1)


if __name__ == "__main__":
    main()
