"""The tables of writes that wait at a facade, and of what its reads show of them meanwhile.

Invariants: a write is in ``outbox`` for ever, once, with its receipt so far; ``overlay`` has a row
exactly for each client with open writes that make it look different from the replica's row; an
open write is one that is pending, or accepted at a version that the replica has not reached; a
lost one was settled, and the register that was restored does not know it.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

import apsw
import msgspec

from clientela.clients.ids import id_bytes, id_text
from clientela.clients.writes import Receipt, Write

State = Literal["pending", "accepted", "settled", "refused", "superseded", "discarded", "lost"]

MIGRATION = """
CREATE TABLE outbox (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    write_id   BLOB NOT NULL UNIQUE,
    client_id  BLOB NOT NULL,
    state      TEXT NOT NULL,
    write      BLOB NOT NULL,
    receipt    BLOB NOT NULL,
    added_ms   INTEGER NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,
    last_error TEXT
) STRICT;
CREATE INDEX outbox_by_state ON outbox (state, seq)
    WHERE state IN ('pending', 'refused', 'accepted');
CREATE INDEX outbox_by_client ON outbox (client_id, seq) WHERE state IN ('pending', 'accepted');
CREATE TABLE overlay (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    id       BLOB NOT NULL UNIQUE,
    tag      TEXT NOT NULL,
    document TEXT,
    value    BLOB
) STRICT;
CREATE INDEX overlay_document ON overlay (document) WHERE document IS NOT NULL;
"""

_COLUMNS = "seq, state, write, receipt, added_ms, attempts, last_error"
ADD = """
INSERT INTO outbox (write_id, client_id, state, write, receipt, added_ms) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (write_id) DO UPDATE SET state = excluded.state, write = excluded.write,
    receipt = excluded.receipt, added_ms = excluded.added_ms, attempts = 0, last_error = NULL
"""
FIND = f"SELECT {_COLUMNS} FROM outbox WHERE write_id = ?"  # noqa: S608 - our own columns
# In the order of writing: it is the order in which people meant them.
IN_STATE = f"SELECT {_COLUMNS} FROM outbox WHERE state = ? ORDER BY seq LIMIT ?"  # noqa: S608
OPEN_OF = f"""
SELECT {_COLUMNS} FROM outbox
WHERE client_id = ? AND state IN ('pending', 'accepted') ORDER BY seq
"""  # noqa: S608
OPEN_CLIENTS = "SELECT DISTINCT client_id FROM outbox WHERE state IN ('pending', 'accepted')"
# A position is sortable as text, and its version begins after the epoch and the underscore.
SETTLED_BETWEEN = f"""
SELECT {_COLUMNS} FROM outbox WHERE state = 'settled'
    AND substr(json_extract(CAST(receipt AS TEXT), '$.version'), 12) > ?
    AND substr(json_extract(CAST(receipt AS TEXT), '$.version'), 12) <= ?
ORDER BY seq
"""  # noqa: S608
# Refusals that tell whose document it is; few are ever looked through, for an erasure.
NAMING = f"""
SELECT {_COLUMNS} FROM outbox
WHERE state IN ('refused', 'superseded', 'discarded') AND instr(CAST(receipt AS TEXT), ?) > 0
"""  # noqa: S608
CLOSE = "UPDATE outbox SET state = ?, receipt = ? WHERE write_id = ?"
TRIED = """
UPDATE outbox SET attempts = attempts + 1, last_error = ?
WHERE seq IN (SELECT seq FROM outbox WHERE state = 'pending' ORDER BY seq LIMIT ?)
"""
COUNT = "SELECT count(*) FROM outbox WHERE state = ?"
OVERLAID = "SELECT value FROM overlay WHERE id = ?"
OVERLAY = """
INSERT INTO overlay (id, tag, document, value) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (id) DO UPDATE SET tag = ?2, document = ?3, value = ?4
"""
UNCOVER = "DELETE FROM overlay WHERE id = ?"
PLACE = "SELECT seq FROM overlay WHERE id = ?"

_decode_write = msgspec.json.Decoder(Write).decode
_decode_receipt = msgspec.json.Decoder(Receipt).decode


class Entry(NamedTuple):
    """A write that came in here: ``added_ms`` is Unix time."""

    seq: int
    state: State
    write: Write
    receipt: Receipt
    added_ms: int
    attempts: int
    last_error: str | None


class OutboxTables:
    """The queries on these tables, on one connection, for one thread at a time."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection

    def add(self, write: Write, state: State, receipt: Receipt, added_ms: int) -> None:
        """Take a write in; one that was lost is taken in anew."""
        keys = id_bytes(write.write_id), id_bytes(write.client_id)
        encoded = msgspec.json.encode(write), msgspec.json.encode(receipt)
        self.connection.execute(ADD, (*keys, state, *encoded, added_ms))

    def find(self, write_id: str) -> Entry | None:
        """Look a write up."""
        return next(self._entries(FIND, id_bytes(write_id)), None)

    def in_state(self, state: State, limit: int) -> list[Entry]:
        """Give the oldest writes in a state."""
        return list(self._entries(IN_STATE, state, limit))

    def open_of(self, client_id: str) -> list[Entry]:
        """Give a client's open writes, in their order."""
        return list(self._entries(OPEN_OF, id_bytes(client_id)))

    def settled_between(self, after: int, up_to: int) -> list[Entry]:
        """Give the settled writes that hold at ``after`` < version ≤ ``up_to``."""
        return list(self._entries(SETTLED_BETWEEN, f"{after:020d}", f"{up_to:020d}"))

    def naming(self, client_id: str) -> list[Entry]:
        """Give the writes that were refused with a receipt in which a client's id stands."""
        return list(self._entries(NAMING, client_id))

    def _entries(self, query: str, *bindings: object) -> Iterator[Entry]:
        rows = self.connection.execute(query, bindings)
        return (
            Entry(seq, state, _decode_write(write), _decode_receipt(receipt), *rest)
            for seq, state, write, receipt, *rest in rows
        )

    def open_clients(self) -> list[str]:
        """Give the clients that have open writes."""
        return [id_text(key) for (key,) in self.connection.execute(OPEN_CLIENTS)]

    def close(self, write_id: str, state: State, receipt: Receipt) -> None:
        """Move a write to another state, with its receipt."""
        values = (state, msgspec.json.encode(receipt), id_bytes(write_id))
        self.connection.execute(CLOSE, values)

    def tried(self, error: str, count: int) -> None:
        """Note that the oldest pending writes were sent in vain."""
        self.connection.execute(TRIED, (error, count))

    def count(self, *states: State) -> int:
        """Count the writes in these states."""
        return sum(self.connection.execute(COUNT, (state,)).get for state in states)

    def overlaid(self, client_id: str) -> bytes | None:
        """Give what reads show of a client instead of its row; None when nothing, or deleted."""
        value: bytes | None = self.connection.execute(OVERLAID, (id_bytes(client_id),)).get
        return value

    def overlay(self, client_id: str, tag: str, document: str | None, value: bytes | None) -> int:
        """Let reads show a client so; gives the place under which a search finds it."""
        key = id_bytes(client_id)
        self.connection.execute(OVERLAY, (key, tag, document, value))
        place: int = self.connection.execute(PLACE, (key,)).get
        return place

    def uncover(self, client_id: str) -> int | None:
        """Let reads show the replica's row again; gives the place that a search must forget."""
        key = id_bytes(client_id)
        place: int | None = self.connection.execute(PLACE, (key,)).get
        self.connection.execute(UNCOVER, (key,))
        return place
