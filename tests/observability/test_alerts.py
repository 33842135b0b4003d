"""Each fault fires what it should, by name and in time, and nothing else.

The real service is put through each fault and scraped; promtool then plays those scrapes to the chart's rules, one each
half a minute, under the labels that the Prometheus operator attaches, after a day of the same service in health. So the
window of three days sees one, and fires three times as soon as it would.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import rendered
import yaml
from prometheus import target
from scene import Page, Pod, Scene, with_labels

DAY, HEALTHY = 2880, 6  # Scrapes half a minute apart, and those of them that are really made.

AVAILABILITY, LATENCY = "BackendAvailabilityBudgetBurn", "BackendLatencyBudgetBurn"
STORE = "BackendStoreFailing warning "
LIMIT = {"MAX_CONCURRENT_REQUESTS": "2"}
Pods = list[Pod]


def healthy(pods: Pods) -> None:
    for pod in pods:
        assert {status for _ in range(5) for status in pod.requests(2)} == {404}


def fail(on: Scene, pods: Pods, fault: str, patience: float = 30) -> None:
    on.store.fault = fault
    for pod in pods:
        pod.requests(10, patience)


def burst(pods: Pods) -> None:
    """More than LIMIT at the same time, which takes a store that answers late."""
    assert pods[0].requests(10).count(503) >= 5


def kill(pods: Pods) -> None:
    for pod in pods:
        pod.child.kill()
        pod.child.wait()


# What is done before each scrape, how many there are, and which alerts fire after how many of them: by name, severity and, if
# they have one, window.
FAULTS: dict[str, tuple[Callable[[Scene, Pods, int], object], int, dict[int, set[str]]]] = {
    "no fault": (lambda on, pods, _: healthy(pods), 4, {4: set()}),
    "a burst of errors, over after a minute": (
        lambda on, pods, scrape: fail(on, pods, "down" if scrape < 2 else ""), 24,
        {5: {f"{AVAILABILITY} critical 1h", STORE}, 24: set()}),
    "a store that is down": (
        lambda on, pods, _: fail(on, pods, "down"), 10,
        {1: set(),
         3: {f"{AVAILABILITY} critical 1h", f"{AVAILABILITY} warning 3d", STORE},
         5: {f"{AVAILABILITY} critical 1h", f"{AVAILABILITY} critical 6h", f"{AVAILABILITY} warning 3d", STORE},
         10: {f"{AVAILABILITY} critical 1h", f"{AVAILABILITY} critical 6h", f"{AVAILABILITY} warning 1d",
              f"{AVAILABILITY} warning 3d", STORE}}),
    "a slow store": (lambda on, pods, _: fail(on, pods, "slow"), 24, {4: set(), 24: {f"{LATENCY} critical 1h"}}),
    "clients that give up": (
        lambda on, pods, _: fail(on, pods, "silent", patience=0.3), 14,
        {8: set(), 14: {"BackendClientsLeaving warning "}}),
    "a burst beyond the limit": (
        lambda on, pods, scrape: (fail(on, [], "" if scrape else "slow"), healthy(pods) if scrape else burst(pods)), 16,
        {1: set(), 5: {"BackendShedding warning "}, 16: set()}),
    "a dead pod": (
        lambda on, pods, _: (kill(pods[1:]), healthy(pods[:1])), 14,
        {8: set(), 14: {"BackendPodDown warning "}}),
    "every pod dead": (lambda on, pods, _: kill(pods), 8, {2: set(), 8: {"BackendDown critical "}}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_alerts_for(fault: str, on: Scene, tmp_path: Path) -> None:
    step, count, fires = FAULTS[fault]
    pods = [on.pod(**(LIMIT if "limit" in fault else {})) for _ in range(2 if "pod" in fault else 1)]
    history = health(pods, lambda _: healthy(pods))
    play = scrapes(count, pods, lambda scrape: step(on, pods, scrape))
    promtool(tmp_path, history, play, fires)


def test_one_503_among_60_requests_an_hour_pages_nobody(on: Scene, tmp_path: Path) -> None:
    pod = on.pod()

    def one_a_minute(scrape: int) -> None:
        if scrape % 2 == 0:
            on.store.fault = "down" if scrape == 4 else ""
            assert pod.requests(1) == [503 if on.store.fault else 404]

    history = health([pod], lambda scrape: one_a_minute(scrape % 2))
    play = scrapes(124, [pod], one_a_minute)
    promtool(tmp_path, history, play, {after: set() for after in (5, 7, 10, 15, 34, 64, 124)})


def health(pods: Pods, step: Callable[[int], object]) -> list[list[Page]]:
    """Scrapes of a service that is well: on a busy machine some requests take long, and then it is tried again."""
    for _ in range(20):
        found = scrapes(HEALTHY, pods, step)
        if all(slow(pages[0]) == slow(pages[-1]) for pages in found):
            return found
    pytest.fail("this machine is too busy to answer in time")


def slow(page: Page) -> float:
    series = 'http_request_duration_seconds_%s{endpoint="/hello/{username}",method="GET"%s}'
    return page[series % ("count", "")] - page[series % ("bucket", ',le="0.25"')]


def scrapes(count: int, pods: Pods, step: Callable[[int], object]) -> list[list[Page]]:
    """The pages of each pod."""
    pages: list[list[Page]] = [[] for _ in pods]
    for number in range(count):
        step(number)
        for pod, found in zip(pods, pages):
            found.append(pod.scrape())
    return pages


def values(history: list[Page], play: list[Page], series: str) -> str:
    """A pod's scrapes as promtool takes them: a day that goes on adding what was added in health, then the play."""
    seen = [page[series] for page in history if series in page]
    added = (seen[-1] - seen[0]) / (len(seen) - 1) if len(seen) > 1 else 0
    # What matters is what is added, so the day begins at nought; and before its last hour, one scrape in ten minutes will do.
    day = [str(added * n) if seen and (n % 20 == 0 or n > DAY - 120) else "_" for n in range(DAY)]
    before = seen[-1] - added * (DAY - 1) if seen else 0
    return " ".join(day + [str(page[series] - before) if series in page else "_" for page in play])


def promtool(directory: Path, history: list[list[Page]], play: list[list[Page]], fires: dict[int, set[str]]) -> None:
    expressions = " ".join(rule["expr"] for rule in rendered.rules())
    used = set(re.findall(r"[a-z_]+(?=\{)", expressions))
    # Of the labels that rules select by, promtool gets what they ask for, and readiness, which they must leave out.
    asked = set(re.findall(r'(?:le|endpoint)="[^"]+"', expressions)) | {'endpoint="/ready"'}
    series = []
    for number, (well, then) in enumerate(zip(history, play)):
        labels = target(number)
        up = " ".join("1" if page else "0" for page in then)
        series.append({"series": with_labels("up", labels), "values": f"1x{DAY - 1} {up}"})
        names = {name for page in well + then for name in page}
        series += [{"series": with_labels(name, labels), "values": values(well, then, name)}
                   for name in sorted(names) if name.split("{")[0] in used and set(re.findall(r'(?:le|endpoint)="[^"]+"', name)) <= asked]
    words = '"alertname", "severity", "window"'
    firing = f'count by (alert) (label_join(ALERTS{{alertstate="firing"}}, "alert", " ", {words}))'
    expected = [
        {"expr": firing, "eval_time": f"{(DAY - 1 + after) * 30}s", "exp_samples": [
            {"labels": f'{{alert="{alert}"}}', "value": 1} for alert in sorted(alerts)]}
        for after, alerts in fires.items()
    ]
    document = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": [
        {"interval": "30s", "input_series": series, "promql_expr_test": expected}]}
    (directory / "rules.yaml").write_text(yaml.safe_dump(rendered.production().one("PrometheusRule")["spec"]))
    (directory / "test.yaml").write_text(yaml.safe_dump(document, width=10**9))
    done = subprocess.run(["promtool", "test", "rules", "test.yaml"], cwd=directory, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
