"""Datasette: a SQLite file to be read over HTTP."""

import json
import sqlite3
from collections.abc import Sequence

from load.clients import FIELDS, Client
from peers.installed import PYTHON, missing_python
from peers.peer import Peer


class Datasette(Peer):
    """One process; reads only."""

    name = "datasette"
    title = "Datasette"
    durability = "takes no inserts"
    inserts = False
    changes = False

    @classmethod
    def missing(cls) -> str | None:
        """Say what is not installed, if anything."""
        return missing_python("datasette")

    def prepare(self, clients: Sequence[Client]) -> None:
        """Make its file, and start."""
        database = self.folder / "register.db"
        connection = sqlite3.connect(database)
        with connection:
            connection.execute(f"CREATE TABLE clients (id TEXT PRIMARY KEY, {', '.join(FIELDS)})")
            rows = [tuple(client[field] for field in ("id", *FIELDS)) for client in clients]
            connection.executemany("INSERT INTO clients VALUES (?, ?, ?, ?, ?, ?)", rows)
        connection.close()
        self.spawn([PYTHON, "-m", "datasette", "serve", database, "--port", str(self.port),
                    "--setting", "max_returned_rows", str(self.page_items)])  # fmt: skip

    def read(self, client: Client) -> str:
        """Give the target of one client."""
        return f"/register/clients/{client['id']}.json?_shape=array"

    def page(self) -> str:
        """Give the target of the first clients."""
        return f"/register/clients.json?_shape=array&_size={self.page_items}&_nocount=1"

    def client_in(self, body: bytes) -> Client:
        """Read one client."""
        found: Client = json.loads(body)[0]
        return found
