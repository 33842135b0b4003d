#!/usr/bin/env python3
"""Draws docs/dev.svg, the terminal of a person who runs `dev`, asks it something and sees an alert come.

What is in the picture was printed by a real run (about two minutes, on the ports 8888, 9090 and 8000). tests/observability
runs the same, and fails when the picture shows anything else, figures aside.
"""

from __future__ import annotations

import html
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs/dev.svg"
START = "nix/apps/dev.sh --load --fault"
HELLO = "curl -s localhost:8888/hello/ada"
ALERT = """curl -s localhost:9090/api/v1/alerts | jq -r '.data.alerts[] | select(.labels.alertname == "BackendStoreFailing")
    | "\\(.labels.alertname) is \\(.state): \\(.annotations.summary)\\n\\(.annotations.runbook_url)"'"""


def transcript(log: Path, ports: dict[str, int]) -> list[str]:
    """What the run printed so far, and what is asked until the alert fires: lines, commands with a prompt."""

    def ask(command: str, wanted: str, seconds: int) -> list[str]:
        for default, port in ports.items():
            command = command.replace(default, str(port))
        end = time.monotonic() + seconds
        while wanted not in (answer := subprocess.run(command, shell=True, capture_output=True, text=True).stdout):
            assert time.monotonic() < end, f"{command}: not {wanted} within {seconds} s but {answer}"
            time.sleep(1)
        return answer.splitlines()

    lines = [f"$ {START}", *log.read_text().splitlines()]
    lines += [f"$ {HELLO}", *ask(HELLO, "Hello, ada!", 30), "", "# Half a minute later the store is gone."]
    lines += [f"$ {HELLO}", *ask(HELLO, "error", 90)]
    # The time that an alert may take.
    return lines + [*f"$ {ALERT}".splitlines(), *ask(ALERT, "firing", 120)]


def masked(lines: list[str]) -> list[str]:
    return [re.sub(r"\d+", "0", line) for line in lines]


def drawn() -> list[str]:
    """The lines of the picture."""
    return [html.unescape(line) for line in re.findall(r"<text[^>]*>(.*?)</text>", PICTURE.read_text())]


def svg(lines: list[str]) -> str:
    def text(number: int, line: str) -> str:
        kind = {"$": "command", "#": "note"}.get(line[:1], "")
        return f'<text xml:space="preserve" class="{kind}" x="20" y="{40 + 20 * number}">{html.escape(line)}</text>'

    height = 40 + 20 * len(lines)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="{height}" viewBox="0 0 1000 {height}" role="img">',
        "<title>dev runs, answers, loses its store, and the alert fires</title>",
        "<style>text { font: 14px ui-monospace, Menlo, Consolas, monospace; fill: #d0d7de; white-space: pre }"
        " .command { fill: #7ee787 } .note { fill: #8b949e }</style>",
        f'<rect width="1000" height="{height}" rx="8" fill="#161b22"/>',
        *(text(number, line) for number, line in enumerate(lines)),
        "</svg>",
        "",
    ])


def main() -> None:
    with tempfile.NamedTemporaryFile("r", suffix=".log") as log, open(log.name, "w") as output:
        stack = subprocess.Popen(START.split(), cwd=ROOT, stdout=output, stderr=output)
        try:
            while "prometheus  http" not in Path(log.name).read_text():
                assert stack.poll() is None, Path(log.name).read_text()
                time.sleep(1)
            PICTURE.write_text(svg(transcript(Path(log.name), {})))
        finally:
            stack.send_signal(signal.SIGINT)
            stack.wait()


if __name__ == "__main__":
    main()
