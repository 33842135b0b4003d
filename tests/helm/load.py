#!/usr/bin/env python3
"""Asks a service without a pause over kept connections, and counts what fails.

Usage: load.py URL CLIENTS SECONDS FILE - at least SECONDS long, and as long as FILE is there; 1 if a request failed.
"""

from __future__ import annotations

import collections
import http.client
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

BODY = '{"dateOfBirth":"1990-12-10"}'


def client(url: str, goes_on: threading.Event, outcomes: collections.Counter[str]) -> None:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=15)
    path = f"{parts.path}/hello/load"
    requests = [("PUT", BODY, 204), ("GET", None, 200), ("GET", None, 200), ("GET", None, 200)]
    while goes_on.is_set():
        for method, body, expected in requests:
            try:
                connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
                answer = connection.getresponse()
                text = answer.read().decode(errors="replace")
                outcomes["ok" if answer.status == expected else f"status {answer.status} {text[:100]}"] += 1
            except OSError as error:
                outcomes[f"{type(error).__name__}: {error}"] += 1
                connection.close()
            except http.client.HTTPException as error:
                outcomes[type(error).__name__] += 1
                connection.close()


def main(url: str, clients: int, seconds: float, file: Path) -> int:
    outcomes: collections.Counter[str] = collections.Counter()
    goes_on = threading.Event()
    goes_on.set()
    threads = [threading.Thread(target=client, args=(url, goes_on, outcomes)) for _ in range(clients)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    while file.exists() or time.monotonic() < started + seconds:
        time.sleep(0.2)
    goes_on.clear()
    for thread in threads:
        thread.join()
    elapsed = time.monotonic() - started
    failed = outcomes.total() - outcomes["ok"]
    print(f"{outcomes.total()} requests in {elapsed:.0f} s by {clients} clients, {failed} failed")
    for outcome, count in outcomes.most_common():
        if outcome != "ok":
            print(f"  {count} {outcome}")
    return 1 if failed or not outcomes["ok"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4])))
