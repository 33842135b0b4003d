"""Compares the calls that the AWS provider made with what the pipeline's roles may do.

    python3 permissions.py BOOTSTRAP_STATE.json LOGS ENVIRONMENT...

LOGS has the provider's debug logs: `<environment>-plan-calls` of plans, `<environment>-apply-calls` of applies and destroys. Only
the actions are compared; conditions and resources are for the attacks. Exits 1 when a call is not allowed.
"""

import fnmatch
import json
import re
import sys
from pathlib import Path
from typing import Any

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


def called(log: str) -> set[str]:
    """The actions of the calls in a log."""
    actions = set()
    for record in RECORD.split(log):
        if "HTTP Request Sent" not in record:
            continue
        method, service = METHOD.search(record), SERVICE.search(record)
        if not (method and service):
            sys.exit(f"permissions.py: a request without its service and method: {record[:200]}")
        action = f"{SERVICES.get(service[1], service[1])}:{method[1]}"
        actions.add(ACTIONS.get(action, action))
    return {action for action in actions if action.partition(":")[0] not in FREE}


def allowed(resources: list[dict[str, Any]], role: str) -> set[str]:
    """The actions of all policies of a role, managed or inline."""
    attached = {r["values"]["policy_arn"] for r in resources if r["type"] == "aws_iam_role_policy_attachment" and r["values"]["role"] == role}
    documents = [r["values"]["policy"] for r in resources if r["type"] == "aws_iam_policy" and r["values"]["arn"] in attached]
    documents += [r["values"]["policy"] for r in resources if r["type"] == "aws_iam_role_policy" and r["values"]["role"] == role]
    actions = [statement["Action"] for document in documents for statement in json.loads(document)["Statement"]]
    return {each for action in actions for each in ([action] if isinstance(action, str) else action)}


state, logs, *environments = sys.argv[1:]
resources = json.loads(Path(state).read_text())["values"]["root_module"]["resources"]
enough = True
for environment in environments:
    for kind, role in (("plan", "backend-cloud-app-plan"), ("apply", f"backend-cloud-app-apply-{environment}")):
        calls = called(Path(logs, f"{environment}-{kind}-calls").read_text(errors="replace"))
        actions = allowed(resources, role)
        missing = sorted(call for call in calls if not any(fnmatch.fnmatchcase(call, action) for action in actions))
        print(f"permissions: {len(calls)} actions called as {role}, {len(missing)} not allowed", *missing)
        enough &= bool(calls) and not missing
sys.exit(0 if enough else 1)
