"""The table of sessions in a facade's Client DB: who is signed in at this branch's pages.

Of a session's id only the SHA-256 is stored: who reads the file can't come in with it.
"""

from collections.abc import Iterable
from typing import NamedTuple

import apsw

MIGRATION = """
CREATE TABLE sessions (
    hash     BLOB PRIMARY KEY,
    token_id TEXT NOT NULL,
    began_s  INTEGER NOT NULL,
    used_s   INTEGER NOT NULL
) STRICT;
"""

ALL = "SELECT hash, token_id, began_s, used_s FROM sessions ORDER BY began_s, hash"
# Who signs in is new; who was here before only comes again.
KEEP = """
INSERT INTO sessions (hash, token_id, began_s, used_s) VALUES (?, ?, ?, ?)
ON CONFLICT (hash) DO UPDATE SET used_s = excluded.used_s
"""
END = "DELETE FROM sessions WHERE hash = ?"


class Session(NamedTuple):
    """Somebody signed in: ``hash`` is the SHA-256 of the id; times are Unix seconds."""

    hash: bytes
    token_id: str
    began_s: int
    used_s: int


class SessionTable:
    """The queries on this table, on one connection; a transaction is the caller's matter."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def all(self) -> list[Session]:
        """Give every session that was not ended, oldest first."""
        return [Session(*row) for row in self._connection.execute(ALL)]

    def change(self, kept: Iterable[Session], ended: Iterable[Session]) -> None:
        """Keep some sessions as they are now, and end others."""
        self._connection.executemany(KEEP, list(kept))
        self._connection.executemany(END, [(session.hash,) for session in ended])
