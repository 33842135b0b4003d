"""Rules, dashboards and the runbook speak of the same alerts, and of series that the service has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import chart
import terraform
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


def test_cloudwatch_gets_what_its_dashboard_and_keda_ask_for_by_name_and_value_and_nothing_else(tmp_path: Path) -> None:
    sent = {(declared["metric_name_selectors"][0].strip("^$"), tuple(sorted(dimensions)))
            for declared in terraform.collector(tmp_path)["exporters"]["awsemf"]["metric_declarations"]
            for dimensions in declared["dimensions"]}
    trigger = chart.one("ScaledObject", chart.SCALED)["spec"]["triggers"][0]["metadata"]
    assert trigger["namespace"] == NAMESPACE
    asked = {series for widget in terraform.widgets(tmp_path).values() for metric in widget["metrics"] for series in series_of(metric)}
    asked.add((trigger["metricName"], ((trigger["dimensionName"], trigger["dimensionValue"]),)))
    assert sent == {(name, tuple(key for key, _ in dimensions)) for name, dimensions in asked}

    with scene(tmp_path) as on:
        pages = [*on.pod().scrape(), *(ROOT / "tests/observability/kube-state-metrics.txt").read_text().splitlines()]
    there = [(line.split("{")[0].removesuffix("_count"), set(re.findall(r'(\w+)="([^"]*)"', line))) for line in pages]
    silent = [series for series in asked if not any(series[0] == name and set(series[1]) <= labels | ANY for name, labels in there)]
    assert not silent, "nobody has these"


NAMESPACE = "backend-cloud-app/prod"
# A search by the pod finds every pod, and it is the collector that names it.
ANY = {("pod", "*")}


def series_of(metric: list[Any]) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """A row of a widget: names and values, or a search, or arithmetic on other rows; the load balancer's is not ours."""
    if metric[0] == NAMESPACE:
        name, *words = (word for word in metric[1:] if isinstance(word, str))
        return [(name, tuple(sorted(zip(words[::2], words[1::2]))))]
    search = re.search(rf'SEARCH\(\'{{"{NAMESPACE}",(\w+)}} MetricName="(\w+)"', str(metric[0]).replace("\\", ""))
    return [(search[2], ((search[1], "*"),))] if search else []
