"""Writes the tables of inputs and outputs into terraform/<root>/README.md, between its two marks.

    python tables.py            writes them
    python tables.py --check    exits 1 when one is out of step
"""

import re
import sys
from pathlib import Path
from typing import Any

import hcl2

ROOTS = Path(__file__).parents[2] / "terraform"
BEGIN = "<!-- Written by tests/terraform/tables.py. -->"
END = "<!-- End of the tables. -->"


def blocks(root: Path, kind: str) -> list[tuple[str, dict[str, Any]]]:
    parsed = [block for file in root.glob("*.tf") for block in hcl2.loads(file.read_text()).get(kind, [])]
    return sorted((name.strip('"'), body) for block in parsed for name, body in block.items() if not name.startswith("__"))


def text(value: Any) -> str:
    return str(value).strip('"').replace("|", "\\|")


def default_of(body: dict[str, Any]) -> str:
    match body.get("default", "required"):
        case "required":
            return "required"
        case dict(default):
            return "see the file" if default else "`{}`"
        case list(default):
            return "`[" + ", ".join(text(item) for item in default) + "]`"
        case bool(default):
            return f"`{str(default).lower()}`"
        case default:
            return f"`{'null' if default is None else text(default)}`"


def input_row(name: str, body: dict[str, Any]) -> str:
    kind = re.sub(r"object\(.*\)", "object", text(body["type"]).removeprefix("${").removesuffix("}"), flags=re.DOTALL)
    return f"| `{name}` | {kind} | {default_of(body)} | {text(body['description'])} |"


def tables(root: Path) -> str:
    inputs = [input_row(name, body) for name, body in blocks(root, "variable")]
    outputs = [f"| `{name}` | {text(body['description'])} |" for name, body in blocks(root, "output")]
    head = ["| variable | type | default | what it is |", "|---|---|---|---|"]
    return "\n".join([*head, *inputs, "", "| output | what it is |", "|---|---|", *outputs])


for readme in sorted(ROOTS.glob("*/README.md")):
    before = readme.read_text()
    after, found = re.subn(f"(?<={BEGIN}\n\n).*(?=\n\n{END})", lambda _: tables(readme.parent), before, flags=re.DOTALL)
    if not found or ("--check" in sys.argv and after != before):
        sys.exit(f"tables.py: out of step, or without its marks: {readme.relative_to(ROOTS.parent)}; run tests/terraform/ci --write")
    readme.write_text(after)
