"""The table of tokens: in the register, and the living ones again in each facade's Client DB.

Of a token only its SHA-256 is stored: who reads the file, or a backup of it, can't ask with it.
"""

from collections.abc import Iterable

import msgspec

from clientela.storage.engine import Connection

MIGRATION = """
CREATE TABLE tokens (
    id        TEXT PRIMARY KEY,
    name      TEXT NOT NULL,
    role      TEXT NOT NULL,
    hash      BLOB NOT NULL,
    created_s INTEGER NOT NULL,
    expires_s INTEGER,
    revoked_s INTEGER
) STRICT;
"""

_COLUMNS = "id, name, role, hash, created_s, expires_s, revoked_s"
ALL = f"SELECT {_COLUMNS} FROM tokens ORDER BY created_s, id"  # noqa: S608 - our own columns
LIVING = f"""
SELECT {_COLUMNS} FROM tokens WHERE revoked_s IS NULL AND (expires_s IS NULL OR expires_s > ?)
ORDER BY id
"""  # noqa: S608
ADD = f"INSERT INTO tokens ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
# The first revocation counts: when it was is asked for afterwards.
REVOKE = "UPDATE tokens SET revoked_s = ? WHERE id = ? AND revoked_s IS NULL"
FIND = f"SELECT {_COLUMNS} FROM tokens WHERE id = ?"  # noqa: S608
CLEAR = "DELETE FROM tokens"


class StoredToken(msgspec.Struct, frozen=True):
    """A token as it is kept: ``hash`` is the SHA-256 of its text; times are Unix seconds."""

    id: str
    name: str
    role: str
    hash: bytes
    created_s: int
    expires_s: int | None = None
    revoked_s: int | None = None

    def lives(self, now_s: float) -> bool:
        """Tell whether it can be used at a time."""
        return self.revoked_s is None and (self.expires_s is None or self.expires_s > now_s)


class TokenTable:
    """The queries on this table, on one connection; a transaction is the caller's matter."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[StoredToken]:
        """Give every token there ever was, oldest first."""
        return [StoredToken(*row) for row in self._connection.execute(ALL)]

    def living(self, now_s: float) -> list[StoredToken]:
        """Give the tokens that can be used at a time, by their ids."""
        return [StoredToken(*row) for row in self._connection.execute(LIVING, (int(now_s),))]

    def find(self, token_id: str) -> StoredToken | None:
        """Look one up."""
        for row in self._connection.execute(FIND, (token_id,)):
            return StoredToken(*row)
        return None

    def add(self, token: StoredToken) -> None:
        """Keep a token."""
        self._connection.execute(ADD, msgspec.structs.astuple(token))

    def revoke(self, token_id: str, now_s: float) -> None:
        """Let a token be of no use from a time on; one that was revoked before stays so."""
        self._connection.execute(REVOKE, (int(now_s), token_id))

    def replace(self, tokens: Iterable[StoredToken]) -> None:
        """Keep these tokens instead of all others."""
        self._connection.execute(CLEAR)
        for token in tokens:
            self.add(token)
