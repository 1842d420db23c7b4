"""The server's tables: the register, every receipt, and which write created each client."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from clientela.clients.decide import Created, Current, Deleted, Living
from clientela.clients.ids import id_bytes, id_text
from clientela.clients.model import Client
from clientela.clients.writes import ParsedWrite, Receipt, Write
from clientela.server import audit_tables
from clientela.server.audit_tables import Source
from clientela.storage import erasures, tokens
from clientela.storage.register import TABLES, RegisterTables, Row
from clientela.web.facade_reports import FacadeReport

# Receipts are kept for ever, with the write that they answer: sameness is judged on it.
MIGRATIONS = (
    TABLES
    + """
CREATE UNIQUE INDEX clients_document ON clients (document) WHERE document IS NOT NULL;
CREATE TABLE receipts (
    seq      INTEGER PRIMARY KEY,
    write_id BLOB NOT NULL UNIQUE,
    write    BLOB NOT NULL,
    receipt  BLOB NOT NULL
) STRICT;
-- Which write created a client, living or deleted: the same creation again is no second client.
CREATE TABLE creations (
    client_id BLOB PRIMARY KEY,
    write_id  BLOB NOT NULL
) STRICT, WITHOUT ROWID;
""",
    """
CREATE TABLE facades (name TEXT PRIMARY KEY, seen_at TEXT NOT NULL, report BLOB NOT NULL) STRICT;
""",
    tokens.MIGRATION,
    erasures.TABLES + audit_tables.MIGRATION,
)

RECEIPT = "SELECT write, receipt FROM receipts WHERE write_id = ?"
ADD_RECEIPT = "INSERT INTO receipts (write_id, write, receipt)"
SET_RECEIPT = "UPDATE receipts SET write = ?, receipt = ? WHERE write_id = ?"
CREATION = "SELECT write_id FROM creations WHERE client_id = ?"
ADD_CREATION = "INSERT INTO creations (client_id, write_id)"

FACADES = "SELECT name, seen_at, report FROM facades"
PUT_FACADE = """
INSERT INTO facades (name, seen_at, report) VALUES (?, ?, ?)
ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at, report = excluded.report
"""
FORGET_FACADE = "DELETE FROM facades WHERE name = ?"

_decode_client = msgspec.json.Decoder(Client).decode
decode_write = msgspec.json.Decoder(Write).decode
decode_receipt = msgspec.json.Decoder(Receipt).decode
_decode_report = msgspec.json.Decoder(FacadeReport).decode


class Submission(NamedTuple):
    """A write with where it came from."""

    parsed: ParsedWrite
    facade: str | None = None
    actor: str | None = None
    address: str | None = None

    @property
    def source(self) -> Source:
        """Give where it came from, for the trail."""
        return Source(self.facade, self.actor, self.address)


class StoredReceipt(NamedTuple):
    """A receipt with the write that it answers."""

    write: Write
    receipt: Receipt


class StoredReport(NamedTuple):
    """What a facade said of itself, and when that was heard."""

    name: str
    seen_at: datetime
    report: FacadeReport


class ServerTables(RegisterTables):
    """The register's tables with its receipts."""

    def current(self, write: Write) -> Current:
        """Give what the register holds under the write's ``client_id``."""
        found = self.client(write.client_id)
        if found is None:
            return None
        created = self._created(write.client_id) if write.operation == "insert" else None
        if isinstance(found, Row):
            return Living(_decode_client(found.value).fields(), found.version, created)
        return Deleted(found.version, created)

    def _created(self, client_id: str) -> Created | None:
        for (key,) in self.connection.execute(CREATION, (id_bytes(client_id),)):
            write_id = id_text(key)
            stored = self.receipt(write_id)
            return Created(write_id, stored.write.set) if stored else None
        return None

    def receipt(self, write_id: str) -> StoredReceipt | None:
        """Look a receipt up."""
        for write, receipt in self.connection.execute(RECEIPT, (id_bytes(write_id),)):
            return StoredReceipt(decode_write(write), decode_receipt(receipt))
        return None

    def any_erased(self) -> bool:
        """Tell whether anyone was ever erased."""
        return self.erasures.last() != ""

    def add_receipt(self, stored: StoredReceipt) -> None:
        """Keep a receipt, with its write."""
        values = (msgspec.json.encode(stored.write), msgspec.json.encode(stored.receipt))
        key = id_bytes(stored.write.write_id)
        self.connection.execute(f"{ADD_RECEIPT} VALUES (?, ?, ?)", (key, *values))

    def set_receipt(self, stored: StoredReceipt) -> None:
        """Put a write and its receipt in the place of what they were."""
        values = (msgspec.json.encode(stored.write), msgspec.json.encode(stored.receipt))
        self.connection.execute(SET_RECEIPT, (*values, id_bytes(stored.write.write_id)))

    def facades(self) -> Iterable[StoredReport]:
        """Give what was stored of each facade."""
        rows: Iterable[tuple[Any, ...]] = self.connection.execute(FACADES).fetchall()
        for name, seen_at, report in rows:
            yield StoredReport(name, datetime.fromisoformat(seen_at), _decode_report(report))

    def store_reports(self, reports: Mapping[str, StoredReport | None]) -> None:
        """Store what facades reported; None forgets one."""
        for name, stored in reports.items():
            if stored is None:
                self.connection.execute(FORGET_FACADE, (name,))
            else:
                values = (name, stored.seen_at.isoformat(), msgspec.json.encode(stored.report))
                self.connection.execute(PUT_FACADE, values)
