"""Real processes to measure, on free ports of 127.0.0.1."""

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import uuid_utils

from clientela.cli.demo_people import people

WRITES_PER_REQUEST = 1_000
READY_S = 600


class System:
    """A server and its facades; ``folder`` holds their data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.http = httpx.Client(timeout=120)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._arguments: dict[str, list[str]] = {}
        self.server = self.start_server()

    def start_server(self) -> str:
        """Start the server, again on the port that it had; gives its URL."""
        database = f"sqlite:///{self.folder / 'server' / 'register.db'}"
        return self._start("server", ["server", "--db", database])

    def start_facade(self, name: str) -> str:
        """Start a facade; gives its URL."""
        data = str(self.folder / name)
        return self._start(
            name, ["facade", "--server", self.server, "--data", data, "--name", name]
        )

    def _start(self, name: str, arguments: list[str]) -> str:
        arguments = self._arguments.setdefault(name, [*arguments, "--port", str(_free_port())])
        with (self.folder / f"{name}.log").open("ab") as log:
            command = [sys.executable, "-m", "clientela.cli", *arguments]
            self._processes[name] = subprocess.Popen(command, stdout=log, stderr=log)
        url = f"http://127.0.0.1:{arguments[-1]}"
        self.wait(lambda: self.http.get(f"{url}/livez").status_code == 200, f"{name} alive")
        return url

    def wait(self, condition: Callable[[], Any], what: str) -> float:
        """Wait until a condition holds; gives the seconds that it took."""
        began = time.perf_counter()
        while True:
            try:
                if condition():
                    return time.perf_counter() - began
            except httpx.TransportError:
                pass
            if time.perf_counter() - began > READY_S:
                raise TimeoutError(what)
            time.sleep(0.01)

    def sync(self, facade: str) -> dict[str, Any]:
        """Read a facade's state."""
        state: dict[str, Any] = self.http.get(f"{facade}/sync").json()
        return state

    def in_step(self, facade: str) -> bool:
        """Tell whether a facade has what the server has, digest agreed."""
        tail = self.http.head(f"{self.server}/clients/changes").headers["Stream-Next-Offset"]
        state = self.sync(facade)
        return bool(state["version"] == tail and state["digest"]["agreed"])

    def fill(self, count: int, seed: int = 1) -> None:
        """Insert clients at the server, in batches."""
        seen: set[str] = set()
        batch: list[dict[str, Any]] = []
        for number, client in enumerate(people(count, seed), start=1):
            if client["document"] in seen:
                del client["document"]
            else:
                seen.add(client["document"])
            batch.append(insert_of(client))
            if len(batch) == WRITES_PER_REQUEST or number == count:
                self.write(self.server + "/clients/writes", batch)
                batch = []

    def write(self, url: str, batch: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Send writes; gives their receipts."""
        headers = {"Content-Type": "application/json"}
        answer = self.http.post(url, content=msgspec.json.encode(batch), headers=headers)
        answer.raise_for_status()
        receipts: list[dict[str, Any]] = answer.json()
        return receipts

    def rss_mb(self, name: str) -> float:
        """Give the resident memory of a program, in MB."""
        status = Path(f"/proc/{self._processes[name].pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1_000

    def stop(self, name: str) -> None:
        """Stop a program and wait for its end."""
        process = self._processes.pop(name)
        process.terminate()
        process.wait(20)

    def close(self) -> None:
        """Stop everything."""
        for name in list(self._processes):
            self.stop(name)
        self.http.close()


def insert_of(client: dict[str, str]) -> dict[str, Any]:
    """Make the write that inserts a client."""
    return {
        "write_id": str(uuid_utils.uuid7()),
        "operation": "insert",
        "client_id": str(uuid_utils.uuid7()),
        "set": client,
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@contextmanager
def running() -> Iterator[System]:
    """Run a system in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        system = System(Path(folder))
        try:
            yield system
        finally:
            system.close()


def percentile_ms(seconds: list[float], percent: float) -> float:
    """Give a percentile of measured times, in milliseconds."""
    ordered = sorted(seconds)
    return 1_000 * ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
