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

# Requests are signed for a service under the name that IAM has for it, and calls have the name of the action; but for these.
SERVICES = {"monitoring": "cloudwatch"}
ACTIONS = {
    "cloudfront:CreateDistributionWithTags": "cloudfront:CreateDistribution",
    "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
}

# A record may have several lines, and its fields in any order.
RECORD = re.compile(r"^(?=\d{4}-\d{2}-\d{2}T)", re.MULTILINE)
METHOD = re.compile(r'rpc\.method="?(\w+)')
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
        calls.add((SERVICES.get(service[1], service[1]), method[1]))
    actions = {f"{service}:{method}" for service, method in calls if service not in FREE}
    return {ACTIONS.get(action, action) for action in actions}


def allowed(state: dict, role: str) -> set[str]:
    """The actions of all policies of a role, managed or inline."""
    resources = [(r["type"], r["values"]) for r in state["values"]["root_module"]["resources"]]
    managed = {values["arn"]: values["policy"] for kind, values in resources if kind == "aws_iam_policy"}
    documents = [managed[values["policy_arn"]] for kind, values in resources if kind == "aws_iam_role_policy_attachment" and values["role"] == role]
    documents += [values["policy"] for kind, values in resources if kind == "aws_iam_role_policy" and values["role"] == role]
    actions: set[str] = set()
    for statement in (statement for document in documents for statement in json.loads(document)["Statement"]):
        actions |= {statement["Action"]} if isinstance(statement["Action"], str) else set(statement["Action"])
    return actions


def compare(role: str, calls: set[str], actions: set[str]) -> bool:
    missing = {call for call in calls if not any(fnmatch.fnmatchcase(call, action) for action in actions)}
    print(f"permissions: {len(calls)} actions called as {role}, {len(missing)} not allowed {' '.join(sorted(missing))}".strip())
    return bool(calls) and not missing


def main() -> None:
    state_file, environment, logs = sys.argv[1:]
    state = json.loads(Path(state_file).read_text())
    allowed_all = True
    for kind, role in (("plan", "backend-cloud-app-plan"), ("apply", f"backend-cloud-app-apply-{environment}")):
        allowed_all &= compare(role, called(sorted(Path(logs).glob(f"{environment}-{kind}-calls"))), allowed(state, role))
    sys.exit(0 if allowed_all else 1)


if __name__ == "__main__":
    main()
