"""A facade's Client DB: the replica's tables, its search index, and how far a copy has come."""

from collections.abc import Iterable
from typing import NamedTuple

import apsw
import msgspec

from clientela.client_facade import erasing, lost_tables, outbox_tables, session_tables
from clientela.client_facade.index_tables import IndexTables
from clientela.clients.digest import EMPTY, to_bytes
from clientela.clients.ids import id_bytes, id_text
from clientela.clients.model import Client
from clientela.feed.position import Position
from clientela.storage import tokens
from clientela.storage.database import Application
from clientela.storage.register import BURY, REMOVE, TABLES, RegisterTables, Row

APPLICATION = Application(0x434C4946, "a facade's Client DB of Clientela")  # "CLIF"

MIGRATIONS = (
    TABLES
    + """
CREATE INDEX clients_document ON clients (document) WHERE document IS NOT NULL;
-- The text itself is in clients.value: the index keeps only what a search needs. Indexes of
-- prefixes would double the time of indexing and save searches little.
CREATE VIRTUAL TABLE clients_search USING fts5 (
    text, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);
-- A copy of the register: it goes on where it was when the process ended, and the row stays until
-- the replica has followed up to the target. Until then the two can't be compared.
CREATE TABLE copy (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    after  BLOB,
    target TEXT NOT NULL,
    done   INTEGER NOT NULL,
    first  INTEGER NOT NULL
) STRICT;
""",
    # Of the ranges copied so far: at the end it replaces what was believed of the replica before.
    # A copy that was under way without it ends in another digest, and is taken once more.
    """
ALTER TABLE copy ADD COLUMN digest BLOB NOT NULL DEFAULT x'00000000000000000000000000000000';
ALTER TABLE copy ADD COLUMN clients INTEGER NOT NULL DEFAULT 0;
""",
    outbox_tables.MIGRATION,
    # While a first copy is indexed in the background: rows up to ``seq`` are, the others not yet.
    """
CREATE TABLE indexing (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL) STRICT;
""",
    lost_tables.MIGRATION,
    # Rows that the search does not know yet, or not as they are now.
    """
CREATE TABLE unindexed (seq INTEGER PRIMARY KEY) STRICT;
INSERT INTO unindexed SELECT c.seq FROM clients c JOIN indexing i ON c.seq > i.seq;
DROP TABLE indexing;
""",
    # The order of names; a client's place is that of the search.
    """
CREATE TABLE names (place INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
CREATE INDEX names_in_order ON names (name, place);
INSERT OR IGNORE INTO unindexed SELECT seq FROM clients;
INSERT INTO names SELECT seq + (1 << 40), lower(json_extract(CAST(value AS TEXT), '$.name'))
    FROM overlay WHERE value IS NOT NULL;
""",
    tokens.MIGRATION,
    session_tables.MIGRATION,
    erasing.MIGRATION,
)

UNBURY = "DELETE FROM tombstones WHERE id = ?"
# A first copy has nothing to replace, so it is written without a look-up for each row.
FILL = "INSERT INTO clients (id, version, document, value) VALUES (?, ?, ?, ?)"
TO_INDEX_LATER = "INSERT OR IGNORE INTO unindexed SELECT seq FROM clients WHERE id = ?"
ALL_TO_INDEX_LATER = "INSERT INTO unindexed SELECT seq FROM clients WHERE seq > ?"
UNINDEXED = "SELECT count(*) FROM (SELECT 1 FROM unindexed LIMIT ?)"
TO_INDEX = """
SELECT seq, value FROM unindexed LEFT JOIN clients USING (seq) ORDER BY seq LIMIT ?
"""
INDEXED = "DELETE FROM unindexed WHERE seq <= ?"
LAST_SEQ = "SELECT coalesce(max(seq), 0) FROM clients"
COPY = "SELECT after, target, done, first, digest, clients FROM copy"
SET_COPY = """
INSERT OR REPLACE INTO copy (one, after, target, done, first, digest, clients)
VALUES (1, ?, ?, ?, ?, ?, ?)
"""
END_COPY = "DELETE FROM copy"
FORGET_CHANGES = "DELETE FROM changes"
FORGET_EPOCHS = "DELETE FROM epochs"

_BEYOND_ANY_ID = b"\xff" * 17
_decode_client = msgspec.json.Decoder(Client).decode


class Copy(NamedTuple):
    """A copy under way: ``after`` is the last id copied, None at the beginning.

    ``done``: all pages are here, and the changes up to ``target`` are to follow. ``first``: there
    was no replica before, so there is nothing yet that could be read. ``digest`` and ``clients``
    are those of the rows copied so far.
    """

    after: str | None
    target: Position
    done: bool
    first: bool
    digest: int = EMPTY
    clients: int = 0


class ReplicaTables(RegisterTables):
    """The queries on a Client DB, on one connection, for one thread at a time."""

    connection: apsw.Connection

    def __init__(self, connection: apsw.Connection) -> None:
        super().__init__(connection)
        self.index = IndexTables(connection)

    def put(self, row: Row, document: str | None) -> None:
        """Store a living client, for the search to be indexed later."""
        super().put(row, document)
        key = (id_bytes(row.id),)
        self.connection.execute(TO_INDEX_LATER, key)
        self.connection.execute(UNBURY, key)

    def fill(self, rows: Iterable[tuple[Row, str | None]]) -> None:
        """Store clients that are not here yet."""
        last: int = self.connection.execute(LAST_SEQ).get
        self.connection.executemany(
            FILL, ((id_bytes(r.id), r.version, document, r.value) for r, document in rows)
        )
        self.connection.execute(ALL_TO_INDEX_LATER, (last,))

    def unindexed(self, limit: int) -> int:
        """Count the clients that wait for being indexed, up to ``limit``."""
        waiting: int = self.connection.execute(UNINDEXED, (limit,)).get
        return waiting

    def index_some(self, limit: int) -> None:
        """Index up to ``limit`` of the clients that wait for it."""
        found = self.connection.execute(TO_INDEX, (limit,)).fetchall()
        self.index.put(
            (seq, _decode_client(value))  # type: ignore[misc, arg-type] # an INTEGER and a BLOB
            for seq, value in found
            if value is not None  # deleted since
        )
        if found:
            self.connection.execute(INDEXED, (found[-1][0],))

    def bury(self, client_id: str, version: str) -> None:
        """Replace a client by its tombstone."""
        key = id_bytes(client_id)
        self.index.drop_row(client_id)
        self.connection.execute(REMOVE, (key,))
        self.connection.execute(BURY, (key, version))

    def copy(self) -> Copy | None:
        """Read how far a copy has come; None when none is under way."""
        for after, target, done, first, total, clients in self.connection.execute(COPY):
            last = None if after is None else id_text(after)
            known = int.from_bytes(total, "big")
            return Copy(last, Position.parse(target), bool(done), bool(first), known, clients)
        return None

    def set_copy(self, copy: Copy) -> None:
        """Note how far a copy has come."""
        after = None if copy.after is None else id_bytes(copy.after)
        total = to_bytes(copy.digest)
        values = (after, str(copy.target), copy.done, copy.first, total, copy.clients)
        self.connection.execute(SET_COPY, values)

    def end_copy(self) -> None:
        """Note that the replica has reached the copy's target."""
        self.connection.execute(END_COPY)

    def restart_changes(self, start: Position) -> None:
        """Forget the changes kept: the log begins anew at ``start``."""
        self.connection.execute(FORGET_CHANGES)
        self.connection.execute(FORGET_EPOCHS)
        self.add_epoch(start.epoch, start.version)
