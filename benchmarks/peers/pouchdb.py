"""PouchDB server: CouchDB's protocol on Node and LevelDB."""

import json
from collections.abc import Sequence

from load.clients import Client
from load.http import Connection, request
from peers.installed import NODE_MODULES, missing_node
from peers.peer import Peer, PeerError

AT_ONCE = 1_000


class PouchDb(Peer):
    """One Node process."""

    name = "pouchdb"
    title = "PouchDB server"
    durability = "LevelDB, not synced: no fsync per write (its default)"
    has_insert_many = True

    @classmethod
    def missing(cls) -> str | None:
        """Say what is not installed, if anything."""
        return missing_node("pouchdb-server")

    def prepare(self, clients: Sequence[Client]) -> None:
        """Start, and insert the clients in bulk."""
        binary = NODE_MODULES / "pouchdb-server" / "bin" / "pouchdb-server"
        self.spawn(["node", binary, "--host", "127.0.0.1", "--port", str(self.port), "--dir",
                    self.folder, "--config", self.folder / "config.json", "--no-stdout-logs",
                    "--level", "error"])  # fmt: skip
        with Connection(self.port) as connection:
            connection.ask(request("PUT", "/clients"))
            for start in range(0, len(clients), AT_ONCE):
                answer = connection.ask(self.insert_many(clients[start : start + AT_ONCE]))
                if answer.status != 201:
                    raise PeerError(f"PouchDB takes no clients: {answer.body[:200]!r}")

    def page(self) -> str:
        """Give the target of the first clients."""
        return f"/clients/_all_docs?include_docs=true&limit={self.page_items}"

    def clients_in(self, body: bytes) -> list[Client]:
        """Read a page."""
        return [row["doc"] for row in json.loads(body)["rows"]]

    def insert(self, client: Client) -> bytes:
        """Give the request that inserts one client."""
        return request("POST", "/clients", _document(client))

    def insert_many(self, clients: Sequence[Client]) -> bytes:
        """Give the request that inserts many at once."""
        return request("POST", "/clients/_bulk_docs", {"docs": list(map(_document, clients))})

    def change(self, client: Client, changed: dict[str, str]) -> bytes:
        """Give the request that changes a client: it wants the revision."""
        found = self.client_in(self.get(self.read(client)).body)
        return request("PUT", self.read(client), {**found, **changed})

    def documents(self) -> list[str]:
        """Give the documents that it shows."""
        found = self.get("/clients/_all_docs?include_docs=true").body
        return [client["document"] for client in self.clients_in(found)]


def _document(client: Client) -> Client:
    return {"_id": client["id"], **{key: value for key, value in client.items() if key != "id"}}
