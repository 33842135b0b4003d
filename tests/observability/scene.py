"""The real service with a real DynamoDB (dynalite, which stands in for Amazon's) behind a proxy that can fail it."""

from __future__ import annotations

import http.client
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path

from running import ROOT, eventually, free_port, get, listening, process, program

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
Page = dict[str, float]


class Proxy:
    """Passes connections on; with `fault`, refuses them, delays what they say, or says nothing."""

    def __init__(self, upstream: int) -> None:
        self.upstream, self.fault = upstream, ""
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            client, _ = self.listener.accept()
            if self.fault == "down":
                client.close()
                continue
            server = socket.create_connection(("127.0.0.1", self.upstream))
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                if self.fault == "down":
                    break
                while self.fault == "silent":
                    time.sleep(0.02)
                if self.fault == "slow" and source.getpeername()[1] == self.upstream:
                    time.sleep(0.4)
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            # A close alone waits for the other thread, which waits for this end to say something.
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class Scene:
    """One store, and as many pods as are asked for."""

    def __init__(self, stack: ExitStack, directory: Path) -> None:
        self.stack, self.directory = stack, directory
        port = free_port()
        stack.enter_context(process(["node", dynalite(), "--port", str(port), "--createTableMs", "0"], directory / "dynalite.log"))
        eventually("dynalite listens", lambda: listening(port))
        self.store = Proxy(port)
        subprocess.run([program(), "create-table"], env=self.env(), check=True, capture_output=True)

    def env(self, **settings: str) -> dict[str, str]:
        store = {"DYNAMODB_ENDPOINT": f"http://127.0.0.1:{self.store.port}", "AWS_REGION": "eu-west-1"}
        return store | CREDENTIALS | {"BIND_ADDRESS": "127.0.0.1", "STORE": "dynamodb"} | settings

    def pod(self, **settings: str) -> Pod:
        port = free_port()
        log = self.directory / f"service-{port}.log"
        child = self.stack.enter_context(process([program()], log, self.env(PORT=str(port), **settings)))
        eventually("the service is ready", lambda: get(port, "/ready")[0] == 200)
        return Pod(port, child)


class Pod:
    def __init__(self, port: int, child: subprocess.Popen[bytes]) -> None:
        self.port, self.child = port, child

    def requests(self, count: int, patience: float = 30, path: str = "/hello/nobody") -> list[int]:
        """Sends these requests at the same time; the statuses."""
        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(lambda _: get(self.port, path, patience)[0], range(count)))

    def put(self, name: str) -> None:
        client = http.client.HTTPConnection("127.0.0.1", self.port)
        client.request("PUT", f"/hello/{name}", '{"dateOfBirth":"1815-12-10"}', {"Content-Type": "application/json"})
        assert client.getresponse().status == 204
        client.close()

    def scrape(self) -> Page:
        """Every series of /metrics, as `name{labels}`; none when the pod is dead."""
        lines = get(self.port, "/metrics")[1].splitlines()
        return {series: float(value) for series, value in (line.rsplit(" ", 1) for line in lines if line and line[0] != "#")}


@cache
def dynalite() -> Path:
    """The script of the dynalite that tests/dynamodb-local pins, installed."""
    install = [ROOT / "tests/dynamodb-local/install", ROOT / "target/ci/dynalite"]
    return Path(subprocess.check_output(install, text=True).strip())


def with_labels(series: str, labels: dict[str, str]) -> str:
    """`name{own="1"}` with more labels."""
    name, _, own = series.partition("{")
    more = "".join(f'{key}="{value}",' for key, value in labels.items())
    return f"{name}{{{more}{own or '}'}"
