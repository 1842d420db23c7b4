"""Clientela itself: a server alone, and a facade with its server."""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from load.clients import FIELDS, Client
from load.http import Connection, request
from peers.installed import HERE
from peers.peer import Peer, PeerError, free_port, wait_until

WRITES_AT_ONCE = 1_000
MERGE_PATCH = "application/merge-patch+json"


class Clientela(Peer):
    """The server: the one authority, in one process."""

    name = "clientela-server"
    title = "Clientela, server"
    durability = (
        "SQLite, WAL, synchronous=FULL: an fsync per group of requests, with change and receipt"
    )
    has_insert_many = True
    path = "/clients"
    writes_path = "/clients/writes"

    def prepare(self, clients: Sequence[Client]) -> None:
        """Start, and insert the clients in batches."""
        self.server = self._serve(self.port)
        fill(self.port, clients)

    def _serve(self, port: int) -> Any:
        database = f"sqlite:///{self.folder / 'server' / 'register.db'}"
        arguments = ["server", "--db", database, "--port", str(port)]
        return self.spawn(_clientela(*arguments), ready=lambda: _alive(port))

    def clients_in(self, body: bytes) -> list[Client]:
        """Read a page."""
        found: list[Client] = json.loads(body)
        return found

    def insert(self, client: Client) -> bytes:
        """Give the request that inserts one client, by the ordinary route."""
        return request("POST", self.path, client)

    def insert_many(self, clients: Sequence[Client]) -> bytes:
        """Give the request that inserts many at once."""
        return request("POST", self.writes_path, [insert_of(client) for client in clients])

    def change(self, client: Client, changed: dict[str, str]) -> bytes:
        """Give the request that changes a client."""
        return request("PATCH", self.read(client), changed, media_type=MERGE_PATCH)

    def is_inserted(self, status: int, body: bytes) -> bool:
        """Tell whether an insert was done and is durable at the server; a 202 only waits."""
        return status == 201 or (status == 200 and are_accepted(body))

    def documents(self) -> list[str]:
        """Give the documents that are stored in the register."""
        found = self.clients_in(self.get(self.path).body)
        return [client["document"] for client in found]


class Facade(Clientela):
    """A facade, with the latency log on, and its server; both on the services' core."""

    name = "clientela"
    title = "Clientela, facade"
    durability = "as its server, and once more in the facade's replica"
    path = "/client"
    writes_path = "/client/writes"
    launcher: Path | None = None

    def prepare(self, clients: Sequence[Client]) -> None:
        """Start a server, fill it, and have a facade copy it."""
        self.server_port = free_port()
        self.server = self._serve(self.server_port)
        fill(self.server_port, clients)
        self.start()

    def start(self) -> float:
        """Start the facade, and wait until it is in step; gives the seconds until it was ready."""
        server = f"http://127.0.0.1:{self.server_port}"
        arguments = ["facade", "--server", server, "--data", str(self.folder / "facade"),
                     "--port", str(self.port)]  # fmt: skip
        began = time.perf_counter()
        self.facade = self.spawn(
            _clientela(*arguments, launcher=self.launcher),
            ready=lambda: _alive(self.port, "/readyz"),
        )
        took_s = time.perf_counter() - began
        wait_until(self._in_step, pause_s=0.2)
        return took_s

    def _in_step(self) -> bool:
        state = json.loads(self.get("/sync").body)
        return bool(state["digest"]["agreed"] and state["searchable"])

    def read(self, client: Client) -> str:
        """Give the target of one client."""
        return f"/client?id={client['id']}"

    def page(self) -> str:
        """Give the target of the first clients."""
        return f"/client?limit={self.page_items}"


class FacadeWithoutLog(Facade):
    """The same with the latency log off, which the product has no switch for."""

    name = "clientela-without-log"
    title = "Clientela, facade without its log"
    launcher = HERE / "python" / "facade_without_log.py"


def fill(port: int, clients: Sequence[Client]) -> None:
    """Insert clients at a server, in batches."""
    with Connection(port) as connection:
        for start in range(0, len(clients), WRITES_AT_ONCE):
            batch = [insert_of(client) for client in clients[start : start + WRITES_AT_ONCE]]
            answer = connection.ask(request("POST", "/clients/writes", batch))
            if not are_accepted(answer.body):
                raise PeerError(f"Clientela takes no clients: {answer.body[:300]!r}")


def insert_of(client: Client) -> dict[str, Any]:
    """Make the write that inserts a client; its id names the write, too."""
    return {
        "write_id": client["id"],
        "operation": "insert",
        "client_id": client["id"],
        "set": {field: client[field] for field in FIELDS},
    }


def are_accepted(body: bytes) -> bool:
    """Tell whether all of an answer's receipts say accepted."""
    receipts = json.loads(body)
    return all(isinstance(r, dict) and r["outcome"] == "accepted" for r in receipts)


def _clientela(*arguments: str, launcher: Path | None = None) -> list[str | Path]:
    return [sys.executable, *([launcher] if launcher else ["-m", "clientela.cli"]), *arguments]


def _alive(port: int, target: str = "/livez") -> bool:
    with Connection(port) as connection:
        return connection.get(target).status == 200
