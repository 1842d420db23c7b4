"""json-server: a file of JSON behind routes."""

import json
from collections.abc import Sequence

from load.clients import Client
from peers.installed import NODE_MODULES, missing_node
from peers.peer import Peer


class JsonServer(Peer):
    """One Node process."""

    name = "json-server"
    title = "json-server"
    durability = "a JSON file written again after each insert, without fsync"

    @classmethod
    def missing(cls) -> str | None:
        """Say what is not installed, if anything."""
        return missing_node("json-server")

    def prepare(self, clients: Sequence[Client]) -> None:
        """Write its file, and start."""
        database = self.folder / "db.json"
        database.write_text(json.dumps({"clients": list(clients)}, ensure_ascii=False))
        binary = NODE_MODULES / "json-server" / "lib" / "cli" / "bin.js"
        self.spawn(["node", binary, "--quiet", "--host", "127.0.0.1", "--port", str(self.port),
                    database])  # fmt: skip

    def page(self) -> str:
        """Give the target of the first clients, which its file has in the order of ids."""
        return f"/clients?_limit={self.page_items}"

    def documents(self) -> list[str]:
        """Give the documents that it shows."""
        found = self.clients_in(self.get("/clients").body)
        return [client["document"] for client in found]
