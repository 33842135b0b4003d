"""Rules, dashboards and the runbook speak of the same alerts, and of series that the service has."""

from __future__ import annotations

import re
from pathlib import Path

import chart
from scene import ROOT, scene

OPERATIONS = (ROOT / "docs/operations.md").read_text()


def test_every_alert_has_a_runbook_entry_that_its_url_leads_to_and_no_entry_is_left_over() -> None:
    alerts = {rule["alert"]: rule["annotations"]["runbook_url"] for rule in chart.rules() if "alert" in rule}
    assert set(alerts) == set(re.findall(r"^### (Backend\w+)$", OPERATIONS, re.MULTILINE))
    for alert, url in alerts.items():
        page, fragment = url.split("#")
        assert fragment == alert.lower() and (ROOT / page.split("/blob/main/")[1]).exists()


def test_the_runbook_names_panels_that_are_there() -> None:
    panels = {title for title, _ in chart.queries()}
    named = set(re.findall(r"\*([A-Z][a-z ]+)\*", OPERATIONS.split("## Alerts")[1].split("\n## ")[0]))
    assert named and all(any(panel.startswith(name) for panel in panels) for name in named), named


def test_every_series_that_rules_and_panels_ask_for_is_the_services_or_recorded_or_kubernetes_own(tmp_path: Path) -> None:
    with scene(tmp_path) as on:
        page = on.pod().scrape()
    known = {series.split("{")[0] for series in page} | {rule["record"] for rule in chart.rules() if "record" in rule} | {"up"}
    asked = {name for query in [*chart.queries().values(), *(rule["expr"] for rule in chart.rules())]
             for name in re.findall(r"[a-z_:0-9]+(?=\{)", query)}
    assert asked and not {name for name in asked - known if not name.startswith("kube_")}
