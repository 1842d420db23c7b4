"""Which persons were erased, and what that leaves of their changes: the same at server and facade.

Invariants: who is in ``erasures`` is in ``tombstones``, at the same version; of an erased client
``changes`` holds the erasure alone. Each change that was taken out leaves a row with its number and
nothing else, so that a change that is missing for another reason still shows as a gap.
"""

from collections.abc import Iterable
from typing import NamedTuple

from clientela.clients.ids import id_bytes, id_text
from clientela.storage.engine import Connection

TABLES = """
CREATE TABLE erasures (
    client_id BLOB PRIMARY KEY,
    version   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX erasures_in_order ON erasures (version);
"""

NOTE = """
INSERT INTO erasures (client_id, version) VALUES (?, ?)
ON CONFLICT (client_id) DO UPDATE SET version = excluded.version
"""
ONE = "SELECT version FROM erasures WHERE client_id = ?"
AFTER = "SELECT client_id, version FROM erasures WHERE version > ? ORDER BY version LIMIT ?"
LAST = "SELECT max(version) FROM erasures"
BLANK = "UPDATE changes SET client_id = ?, message = ? WHERE client_id = ? AND version < ?"
ADD_BLANK = "INSERT INTO changes (version, epoch, client_id, at_s, message) VALUES (?, ?, ?, ?, ?)"


class Erasure(NamedTuple):
    """A client that was erased, and the position at which it was."""

    client_id: str
    version: str


class ErasureTables:
    """The queries on this table, on one connection, for one thread at a time."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def note(self, erasure: Erasure) -> None:
        """Note an erasure; one more of the same client takes the earlier one's place."""
        self.connection.execute(NOTE, (id_bytes(erasure.client_id), erasure.version))

    def of(self, client_id: str) -> Erasure | None:
        """Look up whether a client was erased."""
        for (version,) in self.connection.execute(ONE, (id_bytes(client_id),)):
            return Erasure(client_id, version)
        return None

    def after(self, version: str, limit: int) -> list[Erasure]:
        """Give up to ``limit`` erasures after a position, which may be empty for the beginning."""
        rows = self.connection.execute(AFTER, (version, limit))
        return [Erasure(id_text(key), at) for key, at in rows]

    def last(self) -> str:
        """Give the position of the last erasure; empty when there was none."""
        ((found,),) = self.connection.execute(LAST).fetchall()
        return found or ""

    def blank_changes(self, client_id: str, before: int) -> None:
        """Take a client's changes before a version out of the log; their numbers stay."""
        self.connection.execute(BLANK, (b"", b"", id_bytes(client_id), before))

    def add_blanks(self, versions: Iterable[int], epoch: int, at_s: int) -> None:
        """Add the numbers of changes that were taken out of the log before they came here."""
        for version in versions:
            self.connection.execute(ADD_BLANK, (version, epoch, b"", at_s, b""))
