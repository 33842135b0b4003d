"""What IAM and KMS hold after the roots are applied, as the attacks are judged by it: roles, policies, boundaries, key policies.

    python render.py --emulator     compares the emulator's with documents.json, and says what differs
    python render.py --documents    writes documents.json
    python render.py --stale        needs no emulator: whether the files that the documents come from have changed since

Ids that differ from run to run are replaced by names.
"""

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FILE = HERE / "documents.json"
ROOTS = HERE.parents[2] / "terraform"
REMEDY = "run tests/terraform/run documents, with real providers"


def sources() -> str:
    """A hash of every file that has a part in a document, without its comments."""
    files = [*ROOTS.glob("bootstrap/*.tf"), *(path for path in ROOTS.glob("aws/*.tf") if "aws_iam" in path.read_text())]
    lines = [line for path in sorted(files) for line in path.read_text().splitlines() if not line.lstrip().startswith("#")]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def ordered(value: Any) -> Any:
    """Lists of strings are sets to IAM, and come in the order of ids that differ from run to run."""
    if isinstance(value, dict):
        return {key: ordered(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted(value) if all(isinstance(item, str) for item in value) else [ordered(item) for item in value]
    return value


def documents() -> dict[str, Any]:
    from boto3 import client

    iam, kms = client("iam"), client("kms")
    details: dict[str, Any] = {"RoleDetailList": [], "Policies": []}
    for page in iam.get_paginator("get_account_authorization_details").paginate(Filter=["Role", "LocalManagedPolicy", "AWSManagedPolicy"]):
        for kind, found in details.items():
            found += page[kind]

    managed = {p["Arn"].rpartition("/")[2]: next(v["Document"] for v in p["PolicyVersionList"] if v["IsDefaultVersion"]) for p in details["Policies"]}
    roles, policies = {}, {}
    for role in details["RoleDetailList"]:
        if role["Path"] != "/":
            continue
        attached = [policy["PolicyName"] for policy in role["AttachedManagedPolicies"]]
        inline = {f"{role['RoleName']}/{policy['PolicyName']}": policy["PolicyDocument"] for policy in role["RolePolicyList"]}
        limits = [role["PermissionsBoundary"]["PermissionsBoundaryArn"].rpartition("/")[2]] if "PermissionsBoundary" in role else []
        policies |= inline | {name: managed[name] for name in attached + limits}
        roles[role["RoleName"]] = {
            "boundary": limits,
            "policies": sorted([*attached, *inline]),
            "trust": role["AssumeRolePolicyDocument"],
        }

    aliases = {a["TargetKeyId"]: a["AliasName"] for a in kms.list_aliases()["Aliases"] if a["AliasName"].startswith("alias/backend-cloud-app")}
    keys = {name.removeprefix("alias/"): json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]) for key, name in aliases.items()}
    text = json.dumps({"keys": keys, "policies": policies, "roles": roles, "sources": sources()}, sort_keys=True)
    for key, name in aliases.items():
        text = text.replace(key, name.removeprefix("alias/"))
    text = re.sub(r"\bvpc-[0-9a-f]{8,}", "vpc-of-the-environment", text)
    return ordered(json.loads(re.sub(r"(oidc\.eks\.[a-z0-9-]+\.amazonaws\.com/id/)\w+", r"\1CLUSTER", text)))


def rendered(found: dict[str, Any]) -> str:
    """One line for each document, so that a change of one shows as a change of one line."""
    sources = found.pop("sources")
    kinds = [
        f'"{kind}": {{\n' + ",\n".join(f'"{name}": {json.dumps(document, sort_keys=True)}' for name, document in sorted(named.items())) + "\n}"
        for kind, named in sorted(found.items())
    ]
    return "{\n" + ",\n".join([*kinds, f'"sources": "{sources}"']) + "\n}\n"


match sys.argv[1]:
    case "--stale":
        if json.loads(FILE.read_text())["sources"] != sources():
            sys.exit(f"{FILE.name}: files that it was rendered from have changed; {REMEDY}")
    case "--documents":
        FILE.write_text(rendered(documents()))
    case "--emulator":
        text = rendered(documents())
        differing = set(text.splitlines()) ^ set(FILE.read_text().splitlines())
        if differing:
            sys.exit(f"{FILE.name}: out of step: {', '.join(sorted({line.partition(':')[0] for line in differing}))}; {REMEDY}")
        print(f"attacks: the {len(text.splitlines())} lines of {FILE.name} are what is judged")
    case unknown:
        sys.exit(f"render.py: unknown option {unknown}: --stale, --documents or --emulator")
