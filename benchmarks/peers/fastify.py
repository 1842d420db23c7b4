"""Fastify with better-sqlite3: what a good team would write in Node."""

from collections.abc import Sequence

from load.clients import Client
from load.http import request
from peers.installed import NODE, documents_in, missing_node, write_seed
from peers.peer import Peer


class Fastify(Peer):
    """One Node process; SQLite in the event loop's thread."""

    name = "fastify"
    title = "Fastify + better-sqlite3"
    durability = "SQLite, WAL, synchronous=FULL: an fsync per request, with a change row"
    has_insert_many = True

    @classmethod
    def missing(cls) -> str | None:
        """Say what is not installed, if anything."""
        return missing_node("fastify") or missing_node("better-sqlite3/build/Release")

    def prepare(self, clients: Sequence[Client]) -> None:
        """Have it read the clients at its start."""
        seed = write_seed(self.folder, clients)
        database = self.folder / "clients.db"
        self.spawn(["node", NODE / "fastify.js", str(self.port), database, seed])

    def insert_many(self, clients: Sequence[Client]) -> bytes:
        """Give the request that inserts many at once."""
        return request("POST", "/clients/bulk", list(clients))

    def documents(self) -> list[str]:
        """Give the documents that are stored."""
        return documents_in(self.folder / "clients.db")
