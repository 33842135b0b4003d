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


def blocks(root: Path, kind: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for file in sorted(root.glob("*.tf")):
        with file.open() as text:
            for block in hcl2.load(text).get(kind, []):
                found |= {name.strip('"'): body for name, body in block.items() if not name.startswith("__")}
    return dict(sorted(found.items()))


def text(value: Any) -> str:
    return str(value).strip('"').replace("|", "\\|")


def kind_of(body: dict[str, Any]) -> str:
    kind = text(body["type"]).removeprefix("${").removesuffix("}")
    return re.sub(r"object\(.*\)", "object", kind, flags=re.DOTALL)


def default_of(body: dict[str, Any]) -> str:
    if "default" not in body:
        return "required"
    default = body["default"]
    if default is None or default == "null":
        return "`null`"
    if isinstance(default, dict):
        return "see the file" if default else "`{}`"
    if isinstance(default, list):
        return "`[" + ", ".join(text(item) for item in default) + "]`"
    return f"`{str(default).lower() if isinstance(default, bool) else text(default)}`"


def tables(root: Path) -> str:
    lines = ["| variable | type | default | what it is |", "|---|---|---|---|"]
    for name, body in blocks(root, "variable").items():
        lines.append(f"| `{name}` | {kind_of(body)} | {default_of(body)} | {text(body['description'])} |")
    lines += ["", "| output | what it is |", "|---|---|"]
    for name, body in blocks(root, "output").items():
        lines.append(f"| `{name}` | {text(body['description'])} |")
    return "\n".join(lines)


def main() -> None:
    stale = []
    for readme in sorted(ROOTS.glob("*/README.md")):
        before = readme.read_text()
        head, mark, rest = before.partition(BEGIN)
        if not mark or END not in rest:
            sys.exit(f"tables.py: {readme} lacks the marks {BEGIN} and {END}")
        after = head + BEGIN + "\n\n" + tables(readme.parent) + "\n\n" + END + rest.partition(END)[2]
        if after != before:
            stale.append(readme.relative_to(ROOTS.parent))
            if "--check" not in sys.argv:
                readme.write_text(after)
    if stale and "--check" in sys.argv:
        sys.exit(f"tables.py: out of step: {', '.join(map(str, stale))}; run tests/terraform/ci --write")


if __name__ == "__main__":
    main()
