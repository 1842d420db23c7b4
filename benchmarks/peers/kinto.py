"""Kinto, with its backend in memory."""

import json
from collections.abc import Sequence

from load.clients import Client
from load.http import Connection, request
from peers.installed import HERE, PYTHON, missing_python, write_seed
from peers.peer import Peer

RECORDS = "/v1/buckets/b/collections/clients/records"


class Kinto(Peer):
    """One waitress process, as ``kinto start`` runs it."""

    name = "kinto"
    title = "Kinto"
    durability = "memory only: nothing is on the disk"

    @classmethod
    def missing(cls) -> str | None:
        """Say what is not installed, if anything."""
        return missing_python("kinto")

    def prepare(self, clients: Sequence[Client]) -> None:
        """Have it take the clients into its memory, then make their collection."""
        seed = write_seed(self.folder, clients)
        self.spawn([PYTHON, HERE / "python" / "kinto_app.py", str(self.port), seed])
        with Connection(self.port) as connection:
            for target in ("/v1/buckets/b", "/v1/buckets/b/collections/clients"):
                connection.ask(request("PUT", target, {}))

    def read(self, client: Client) -> str:
        """Give the target of one client."""
        return f"{RECORDS}/{client['id']}"

    def page(self) -> str:
        """Give the target of the first clients."""
        return f"{RECORDS}?_limit={self.page_items}&_sort=id"

    def client_in(self, body: bytes) -> Client:
        """Read one client."""
        found: Client = json.loads(body)["data"]
        return found

    def clients_in(self, body: bytes) -> list[Client]:
        """Read a page."""
        found: list[Client] = json.loads(body)["data"]
        return found

    def insert(self, client: Client) -> bytes:
        """Give the request that inserts one client."""
        return request("POST", RECORDS, {"data": client})

    def change(self, client: Client, changed: dict[str, str]) -> bytes:
        """Give the request that changes a client."""
        return request("PATCH", self.read(client), {"data": changed})

    def documents(self) -> list[str]:
        """Give the documents that it shows."""
        found = self.clients_in(self.get(f"{RECORDS}?_fields=document").body)
        return [client["document"] for client in found]
