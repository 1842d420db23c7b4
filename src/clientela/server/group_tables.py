"""The server's tables as one group of writes sees them: asked and filled for the group at once.

Nearly every write is the insert of a client that nothing here knows of. Invariant: a look-up finds
what was added before it, for what waits to be stored is stored first where it would be missed.
"""

from collections.abc import Iterable, Sequence

import msgspec

from clientela.clients.decide import Current
from clientela.clients.ids import id_bytes
from clientela.clients.writes import ParsedWrite, Receipt, Write
from clientela.feed.position import Position
from clientela.server import audit_tables
from clientela.server.tables import (
    ADD_CREATION,
    ADD_RECEIPT,
    ServerTables,
    StoredReceipt,
    Submission,
)
from clientela.storage import bulk
from clientela.storage.engine import Value
from clientela.storage.register import ADD, APPEND, Row, Tombstone

WRITES = "SELECT write_id FROM receipts WHERE write_id"
CLIENTS = "SELECT id FROM clients WHERE id"
TOMBSTONES = "SELECT id FROM tombstones WHERE id"
DOCUMENTS = "SELECT document FROM clients WHERE document"

_encode = msgspec.json.Encoder().encode


class GroupTables:
    """What a ``Ledger`` needs of ``ServerTables``; ``flush`` stores what waits."""

    def __init__(self, tables: ServerTables, writes: Sequence[ParsedWrite]) -> None:
        """Ask what of ``writes`` is known: their ids, and what inserts would take."""
        self._tables = tables
        self._new_writes = self._unknown({write.write_id: None for write, _ in writes}, WRITES)
        valid = [write for write, errors in writes if not errors]
        ids = {write.client_id: None for write in valid if write.operation == "insert"}
        self._new_clients = self._unknown(ids, CLIENTS, TOMBSTONES)
        taken = {write.set["document"]: None for write in valid if write.set.get("document")}
        self._free_documents = taken.keys() - set(
            bulk.found(tables.connection, DOCUMENTS, list(taken))
        )
        self._missed: set[str] = set()  # what reads of the tables would miss of what waits
        self._audit: list[tuple[Value, ...]] = []
        self._holders: list[tuple[Value, ...]] = []
        self._clients: list[tuple[Value, ...]] = []
        self._creations: list[tuple[Value, ...]] = []
        self._changes: list[tuple[Value, ...]] = []
        self._receipts: list[tuple[Value, ...]] = []

    def _unknown(self, ids: Iterable[str], *selects: str) -> set[str]:
        keys = {id_bytes(text): text for text in ids}
        for select in selects:
            for key in list(bulk.found(self._tables.connection, select, list(keys))):
                del keys[key]
        return set(keys.values())

    def _to_read(self, key: str) -> ServerTables:
        """Give the tables with all that a look-up of ``key`` must find."""
        if key in self._missed:
            self.flush()
        return self._tables

    def receipt(self, write_id: str) -> StoredReceipt | None:
        """Look a receipt up."""
        if write_id in self._new_writes:
            return None
        return self._to_read(write_id).receipt(write_id)

    def current(self, write: Write) -> Current:
        """Give what the register holds under the write's ``client_id``."""
        if write.client_id in self._new_clients:
            return None
        return self._to_read(write.client_id).current(write)

    def client(self, client_id: str) -> Row | Tombstone | None:
        """Look one client up, living or deleted."""
        if client_id in self._new_clients:
            return None
        return self._to_read(client_id).client(client_id)

    def holder_of(self, document: str) -> str | None:
        """Give the id of the living client that has this document."""
        if document in self._free_documents:
            return None
        return self._to_read(document).holder_of(document)

    def put(self, row: Row, document: str | None) -> None:
        """Store a living client: a new one later, with others."""
        if document is not None:
            self._free_documents.discard(document)
        if row.id not in self._new_clients:
            self._to_read(row.id).put(row, document)
            return
        self._new_clients.discard(row.id)
        self._clients.append((id_bytes(row.id), row.version, document, row.value))
        self._missed.add(row.id)
        if document is not None:
            self._missed.add(document)

    def bury(self, client_id: str, version: str) -> None:
        """Replace a client by its tombstone."""
        self._to_read(client_id).bury(client_id, version)

    def add_creation(self, client_id: str, write_id: str) -> None:
        """Note which write created a client."""
        self._creations.append((id_bytes(client_id), id_bytes(write_id)))

    def append_change(self, at: Position, client_id: str, at_s: int, message: bytes) -> None:
        """Add a change to the log."""
        self._changes.append((at.version, at.epoch, id_bytes(client_id), at_s, message))

    def is_erased(self, client_id: str) -> bool:
        """Tell whether a client was erased."""
        if client_id in self._new_clients:
            return False
        return self._tables.erasures.of(client_id) is not None

    def add_receipt(
        self, write: Write, receipt: Receipt, submission: Submission, at_us: int
    ) -> None:
        """Keep a receipt, with its write, and note where that came from."""
        key, client = id_bytes(write.write_id), id_bytes(write.client_id)
        self._receipts.append((key, _encode(write), _encode(receipt)))
        self._audit.append((at_us, write.operation, client, key, *submission.source))
        if receipt.reason is not None and receipt.reason.holder is not None:
            self._holders.append((id_bytes(receipt.reason.holder), key))
        self._new_writes.discard(write.write_id)
        self._missed.add(write.write_id)

    def flush(self) -> None:
        """Store all that waits."""
        for into, rows in (
            (ADD, self._clients),
            (ADD_CREATION, self._creations),
            (APPEND, self._changes),
            (ADD_RECEIPT, self._receipts),
            (audit_tables.ADD, self._audit),
            (audit_tables.ADD_HOLDER, self._holders),
        ):
            bulk.insert(self._tables.connection, into, rows)
            rows.clear()
        self._missed.clear()
