"""Rules, dashboards and the runbook speak of the same alerts and panels."""

from __future__ import annotations

import re

import rendered
from running import ROOT

OPERATIONS = (ROOT / "docs/operations.md").read_text()


def test_every_alert_has_a_runbook_entry_that_its_url_leads_to_and_no_entry_is_left_over() -> None:
    alerts = {rule["alert"]: rule["annotations"]["runbook_url"] for rule in rendered.rules() if "alert" in rule}
    assert set(alerts) == set(re.findall(r"^### (Backend\w+)$", OPERATIONS, re.MULTILINE))
    for alert, url in alerts.items():
        page, fragment = url.split("#")
        assert fragment == alert.lower() and (ROOT / page.split("/blob/main/")[1]).exists()


def test_the_runbook_names_panels_that_are_there() -> None:
    panels = {title for title, _ in rendered.queries()}
    named = set(re.findall(r"\*([A-Z][a-z ]+)\*", OPERATIONS.split("## Alerts")[1].split("\n## ")[0]))
    assert named and all(any(panel.startswith(name) for panel in panels) for name in named), named
