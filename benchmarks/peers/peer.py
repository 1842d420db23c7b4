"""What a service must say of itself to be measured."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import psutil

from load.clients import FIELDS, Client
from load.http import Answer, Connection, request

SERVICE_CORE = 0
LOAD_CORE = 1
READY_S = 600  # a facade copies and indexes a million clients
STOP_S = 20


class PeerError(Exception):
    """A peer that can't be had or does not start; its text is told."""


class Peer:
    """A service in processes of its own; a subclass names its routes as it has them.

    ``durability`` tells what is on the disk when an insert is answered. ``folder`` holds its data,
    ``port`` is a free one.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    durability: ClassVar[str] = "–"
    page_items: ClassVar[int] = 1_000
    inserts: ClassVar[bool] = True
    changes: ClassVar[bool] = True
    lists: ClassVar[bool] = True
    has_insert_many: ClassVar[bool] = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self._processes: list[subprocess.Popen[bytes]] = []

    @classmethod
    def missing(cls) -> str | None:
        """Say what is not installed, if anything."""
        return None

    def prepare(self, clients: Sequence[Client]) -> None:
        """Make the data, and start; on return the clients can be read."""
        raise NotImplementedError

    def read(self, client: Client) -> str:
        """Give the target of one client."""
        return f"/clients/{client['id']}"

    def page(self) -> str:
        """Give the target of the first ``page_items`` clients in the order of ids."""
        return f"/clients?limit={self.page_items}"

    def client_in(self, body: bytes) -> Client:
        """Read the answer to ``read``."""
        found: Client = json.loads(body)
        return found

    def clients_in(self, body: bytes) -> list[Client]:
        """Read the answer to ``page``."""
        found: list[Client] = json.loads(body)
        return found

    def insert(self, client: Client) -> bytes:
        """Give the request that inserts one client."""
        return request("POST", "/clients", client)

    def insert_many(self, clients: Sequence[Client]) -> bytes:
        """Give the request that inserts many at once, where there is one."""
        raise NotImplementedError

    def change(self, client: Client, changed: dict[str, str]) -> bytes:
        """Give the request that changes a client."""
        return request("PATCH", self.read(client), changed)

    def is_inserted(self, status: int, body: bytes) -> bool:
        """Tell whether an insert was done, by its answer."""
        del body
        return status in {200, 201}

    def documents(self) -> list[str]:
        """Give the documents of all clients that are stored, doubled ones as often as they are."""
        raise NotImplementedError

    def is_right(self, client: Client, body: bytes) -> bool:
        """Tell whether an answer shows the client."""
        return shows(self.client_in(body), client)

    def is_right_page(self, clients: Sequence[Client]) -> bool:
        """Tell whether the list shows the first clients, in their order."""
        answer = self.get(self.page())
        if answer.status != 200:
            return False
        found = self.clients_in(answer.body)
        wanted = clients[: self.page_items]
        return len(found) == len(wanted) and all(map(shows, found, wanted))

    def get(self, target: str) -> Answer:
        """Ask for a target, over a connection of its own."""
        with Connection(self.port) as connection:
            return connection.get(target)

    def spawn(
        self,
        command: Sequence[str | Path],
        *,
        ready: Callable[[], Any] | None = None,
        environment: dict[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a process on the services' core, and wait until it is ready.

        Raises PeerError with the end of what it printed when it isn't.
        """
        log = self.folder / "printed.log"
        with log.open("ab") as printed:
            process = subprocess.Popen(
                ["taskset", "-c", str(SERVICE_CORE), *map(str, command)],
                stdout=printed,
                stderr=printed,
                cwd=self.folder,
                env={**os.environ, **(environment or {})},
            )
        self._processes.append(process)
        try:
            wait_until(ready or self.answers, lambda: process.poll() is not None)
        except TimeoutError as error:
            printed_last = log.read_text(errors="replace")[-500:]
            raise PeerError(f"{self.name} does not start: {printed_last}") from error
        return process

    def answers(self) -> bool:
        """Tell whether something answers at the port."""
        return self.get("/").status < 600

    def rss_bytes(self) -> int:
        """Give the resident memory of what serves."""
        return sum(process.memory_info().rss for process in self._serving())

    def cpu_s(self) -> float:
        """Give the processor time that what serves has taken so far."""
        times = [process.cpu_times() for process in self._serving()]
        return sum(used.user + used.system for used in times)

    def _serving(self) -> Iterator[psutil.Process]:
        for started in self._processes:
            process = psutil.Process(started.pid)
            yield from (process, *process.children(recursive=True))

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Stop one process, and wait for its end."""
        self._processes.remove(process)
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def close(self) -> None:
        """Stop everything."""
        for process in reversed(list(self._processes)):
            self.stop(process)


def shows(found: Client, client: Client) -> bool:
    """Tell whether what was found has the fields of a client; an absent one and "" are null."""
    return all((found.get(field) or None) == client[field] for field in FIELDS)


def wait_until(
    condition: Callable[[], Any],
    ended: Callable[[], bool] = lambda: False,
    pause_s: float = 0.005,
) -> None:
    """Wait until a condition holds; raises TimeoutError when it doesn't in time, or has ended."""
    began = time.perf_counter()
    while not _holds(condition):
        if ended() or time.perf_counter() - began > READY_S:
            raise TimeoutError
        time.sleep(pause_s)


def _holds(condition: Callable[[], Any]) -> bool:
    try:
        return bool(condition())
    except OSError:
        return False


def free_port() -> int:
    """Give a port of loopback that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
