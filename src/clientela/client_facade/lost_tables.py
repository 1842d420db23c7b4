"""The table of changes that this facade held and the register no longer has.

They are kept until the register has them again, or a person discards them: a write that was
answered is never silently gone, even when the register was restored from before it.
"""

from collections.abc import Iterator
from typing import NamedTuple

import apsw

from clientela.clients.changes import Change, decode_change
from clientela.clients.ids import id_bytes

MIGRATION = """
CREATE TABLE lost_changes (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    write_id  BLOB NOT NULL UNIQUE,
    client_id BLOB NOT NULL,
    operation TEXT NOT NULL,
    message   BLOB NOT NULL,
    before    BLOB,
    lost_ms   INTEGER NOT NULL
) STRICT;
CREATE INDEX lost_changes_by_client ON lost_changes (client_id, operation);
"""

_COLUMNS = "seq, message, before, lost_ms"
ADD = """
INSERT OR REPLACE INTO lost_changes (write_id, client_id, operation, message, before, lost_ms)
VALUES (?, ?, ?, ?, ?, ?)
"""
PAGE = f"SELECT {_COLUMNS} FROM lost_changes WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608
FIND = f"SELECT {_COLUMNS} FROM lost_changes WHERE write_id = ?"  # noqa: S608 - our own columns
REMOVE = "DELETE FROM lost_changes WHERE write_id = ?"
COUNT = "SELECT count(*) FROM lost_changes"
INSERTED = "SELECT 1 FROM lost_changes WHERE client_id = ? AND operation = 'insert'"
# What a client was before a change, as far as the changes kept reach.
EARLIER = """
SELECT message FROM changes WHERE client_id = ? AND version < ? ORDER BY version DESC LIMIT 1
"""


class Lost(NamedTuple):
    """A change as it came by, with the client's JSON before it where that is known.

    ``lost_ms`` is the Unix time at which it was found missing.
    """

    seq: int
    message: bytes
    before: bytes | None
    lost_ms: int

    @property
    def change(self) -> Change:
        """Give the change, decoded."""
        return decode_change(self.message)


class LostTables:
    """The queries on this table, on one connection, for one thread at a time."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection

    def add(self, message: bytes, version: int, lost_ms: int) -> Change:
        """Keep a change, before the log that holds it is forgotten."""
        change = decode_change(message)
        client = id_bytes(change.key)
        before: bytes | None = None
        for (earlier,) in self.connection.execute(EARLIER, (client, version)):
            before = decode_change(earlier).value_bytes or None
        keys = id_bytes(change.headers.write_id), client
        values = (*keys, change.headers.operation, message, before, lost_ms)
        self.connection.execute(ADD, values)
        return change

    def page(self, after: int, limit: int) -> list[Lost]:
        """Give lost changes in the order in which the register once took them."""
        return list(self._found(PAGE, after, limit))

    def find(self, write_id: str) -> Lost | None:
        """Look one up by the write that made it."""
        return next(self._found(FIND, id_bytes(write_id)), None)

    def _found(self, query: str, *bindings: object) -> Iterator[Lost]:
        return (Lost(*row) for row in self.connection.execute(query, bindings))

    def remove(self, write_id: str) -> None:
        """Let one go; nothing happens when there is none."""
        self.connection.execute(REMOVE, (id_bytes(write_id),))

    def count(self) -> int:
        """Count them."""
        found: int = self.connection.execute(COUNT).get
        return found

    def created(self, client_id: str) -> bool:
        """Tell whether the register no longer has the creation of a client."""
        return bool(self.connection.execute(INSERTED, (id_bytes(client_id),)).get)
