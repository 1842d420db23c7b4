"""The tables that a register and a facade's replica share: living clients, tombstones, changes.

Invariants: a client is in ``clients`` or in ``tombstones``, never in both; ``value`` holds the
exact bytes that the server stored, for the digest covers them; ``changes`` holds every version
from ``register.beginning`` (exclusive) to ``register.version``, those that were erased as numbers
without a message (``erasures.py``); ``register.digest`` and
``register.clients`` are the digest and the number of the rows in ``clients``.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import NamedTuple

from clientela import limits
from clientela.clients.digest import to_bytes
from clientela.clients.ids import id_bytes, id_text
from clientela.feed.position import Position
from clientela.storage.database import snapshot
from clientela.storage.engine import Connection
from clientela.storage.erasures import ErasureTables

# seq as the primary key with a unique id inserts twice as fast as a table clustered by id.
TABLES = """
CREATE TABLE register (
    one       INTEGER PRIMARY KEY CHECK (one = 1),
    id        BLOB NOT NULL,
    version   INTEGER NOT NULL,
    digest    BLOB NOT NULL,
    clients   INTEGER NOT NULL,
    beginning INTEGER NOT NULL
) STRICT;
CREATE TABLE epochs (
    epoch       INTEGER PRIMARY KEY,
    began_after INTEGER NOT NULL
) STRICT;
CREATE TABLE clients (
    seq      INTEGER PRIMARY KEY,
    id       BLOB NOT NULL UNIQUE,
    version  TEXT NOT NULL,
    document TEXT,
    value    BLOB NOT NULL
) STRICT;
CREATE TABLE tombstones (
    id      BLOB PRIMARY KEY,
    version TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE changes (
    version   INTEGER PRIMARY KEY,
    epoch     INTEGER NOT NULL,
    client_id BLOB NOT NULL,
    at_s      INTEGER NOT NULL,
    message   BLOB NOT NULL
) STRICT;
CREATE INDEX changes_by_client ON changes (client_id, version);
"""

HEAD = """
SELECT id, (SELECT max(epoch) FROM epochs), version, digest, clients, beginning FROM register
"""
SET_HEAD = """
INSERT INTO register (one, id, version, digest, clients, beginning) VALUES (1, ?, ?, ?, ?, ?)
ON CONFLICT (one) DO UPDATE SET id = excluded.id, version = excluded.version,
    digest = excluded.digest, clients = excluded.clients, beginning = excluded.beginning
"""
EPOCHS = "SELECT epoch, began_after FROM epochs ORDER BY epoch"
ADD_EPOCH = """
INSERT INTO epochs (epoch, began_after) VALUES (?, ?) ON CONFLICT (epoch) DO NOTHING
"""
# The point read: one look-up in the unique index of id, one in the table.
CLIENT = "SELECT seq, version, value FROM clients WHERE id = ?"
TOMBSTONE = "SELECT version FROM tombstones WHERE id = ?"
# Keyset paging: a page costs the same wherever it begins, and inserts never shift it.
PAGE_ASCENDING = "SELECT id, value FROM clients WHERE id > ? ORDER BY id LIMIT ?"
PAGE_DESCENDING = "SELECT id, value FROM clients WHERE id < ? ORDER BY id DESC LIMIT ?"
DIGEST = "SELECT digest FROM register"
RANGE = """
SELECT id, version, value FROM clients WHERE id > ? AND id <= ? ORDER BY id LIMIT ?
"""
COUNT = "SELECT count(*) FROM clients"
HOLDER = "SELECT id FROM clients WHERE document = ?"
# Of a client that is not here yet, so that no row has to be looked for.
ADD = "INSERT INTO clients (id, version, document, value)"
PUT = """
INSERT INTO clients (id, version, document, value) VALUES (?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET version = excluded.version, document = excluded.document,
    value = excluded.value
"""
REMOVE = "DELETE FROM clients WHERE id = ?"
BURY = """
INSERT INTO tombstones (id, version) VALUES (?, ?)
ON CONFLICT (id) DO UPDATE SET version = excluded.version
"""
APPEND = "INSERT INTO changes (version, epoch, client_id, at_s, message)"
# A change without a message was erased: its number alone is left.
CHANGES = """
SELECT epoch, version, message FROM changes
WHERE version > ? AND length(message) > 0 ORDER BY version LIMIT ?
"""
LAST_CHANGE = """
SELECT epoch, version, message FROM changes
WHERE version <= ? AND length(message) > 0 ORDER BY version DESC LIMIT 1
"""
HISTORY = "SELECT message FROM changes WHERE client_id = ? ORDER BY version"
# What is beyond retention by number and by age; a contiguous beginning, so that no gap appears.
PRUNE = """
DELETE FROM changes WHERE version IN (
    SELECT version FROM changes WHERE version <= ? AND at_s < ? ORDER BY version LIMIT ?)
RETURNING version
"""
SET_BEGINNING = "UPDATE register SET beginning = ?"

_LOWEST_ID = b""
_BEYOND_ANY_ID = b"\xff" * 17


class Row(NamedTuple):
    """A living client as it is stored: its position as text and its JSON bytes."""

    id: str
    version: str
    value: bytes


class Tombstone(NamedTuple):
    """What is left of a deleted client: the position of its deletion."""

    version: str


class Page(NamedTuple):
    """Living clients as JSON, in the order of their ids.

    ``following`` is the last id when more follow; ``digest`` that of all rows at this moment;
    ``keys`` are the ids of the items, where the page holds nothing but rows.
    """

    items: Sequence[bytes]
    following: str | None
    digest: bytes | None
    keys: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a register as a whole.

    ``register`` is its UUID; ``position`` that of its last change; ``clients`` their number;
    ``beginning`` the version before the oldest change that is kept.
    """

    register: str
    position: Position
    digest: int
    clients: int
    beginning: int


class RegisterTables:
    """The queries on these tables, on one connection, for one thread at a time."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.erasures = ErasureTables(connection)

    def head(self, query: str = HEAD) -> Head | None:
        """Read the head; None in a database that holds no register yet."""
        for key, epoch, version, total, clients, beginning in self.connection.execute(query):
            digest = int.from_bytes(total, "big")
            register = id_text(key)
            return Head(register, Position(epoch, version), digest, clients, beginning)
        return None

    def set_head(self, head: Head) -> None:
        """Store the head; its epoch is kept by ``add_epoch``."""
        key = id_bytes(head.register)
        total = to_bytes(head.digest)
        values = (key, head.position.version, total, head.clients, head.beginning)
        self.connection.execute(SET_HEAD, values)

    def epochs(self) -> list[Position]:
        """Give each epoch with the version after which it began, in order."""
        return [Position(epoch, after) for epoch, after in self.connection.execute(EPOCHS)]

    def add_epoch(self, epoch: int, began_after: int) -> None:
        """Note that an epoch began; nothing happens when it is known."""
        self.connection.execute(ADD_EPOCH, (epoch, began_after))

    def client(self, client_id: str) -> Row | Tombstone | None:
        """Look one client up, living or deleted."""
        key = id_bytes(client_id)
        for _, version, value in self.connection.execute(CLIENT, (key,)):
            return Row(client_id, version, value)
        for (version,) in self.connection.execute(TOMBSTONE, (key,)):
            return Tombstone(version)
        return None

    def page(self, after: str | None, limit: int, *, descending: bool = False) -> Page:
        """Give up to ``limit`` living clients that follow the id ``after``, in order of id.

        Fewer when they are large.
        """
        with snapshot(self.connection):
            digest = self._digest()
            rows, more = self.rows(after, limit, descending=descending)
        following = id_text(rows[-1][0]) if more else None
        return Page([value for _, value in rows], following, digest, [key for key, _ in rows])

    def now(self, ids: Iterable[str]) -> tuple[dict[bytes, bytes | None], bytes | None]:
        """Give the living clients among some ids, None for others, and the digest of all rows."""
        with snapshot(self.connection):
            digest = self._digest()
            found = {client_id: self.client(client_id) for client_id in ids}
        values = {
            id_bytes(key): row.value if isinstance(row, Row) else None for key, row in found.items()
        }
        return values, digest

    def _digest(self) -> bytes | None:
        for (digest,) in self.connection.execute(DIGEST):
            return bytes(digest)
        return None

    def rows(
        self, after: str | None, limit: int, *, descending: bool = False
    ) -> tuple[list[tuple[bytes, bytes]], bool]:
        """Give a page as keys and values, and whether more follow."""
        query = PAGE_DESCENDING if descending else PAGE_ASCENDING
        edge = _BEYOND_ANY_ID if descending else _LOWEST_ID
        start = edge if after is None else id_bytes(after)
        rows = iter(self.connection.execute(query, (start, limit + 1)))
        found: list[tuple[bytes, bytes]] = []
        size, kept = 0, limit
        while size < limits.PAGE_BYTES_MAX and (some := list(islice(rows, limits.PAGE_STEP_ITEMS))):
            found += some
            size += sum(len(value) for _, value in some)
        if size >= limits.PAGE_BYTES_MAX:
            sizes = list(accumulate(len(value) for _, value in found))
            kept = min(limit, bisect_left(sizes, limits.PAGE_BYTES_MAX) + 1)
        more = len(found) > kept or next(rows, None) is not None
        return found[:kept], more

    def range(self, after: str | None, last: str | None) -> Iterator[Row]:
        """Give the clients with ``after`` < id ≤ ``last``; None is no bound."""
        low = b"" if after is None else id_bytes(after)
        high = _BEYOND_ANY_ID if last is None else id_bytes(last)
        step = limits.DIGEST_STEP_ITEMS  # not all at once: an engine may hand over whole answers
        while rows := self.connection.execute(RANGE, (low, high, step)).fetchall():
            for key, version, value in rows:
                yield Row(id_text(key), version, value)
            low = rows[-1][0]

    def count(self) -> int:
        """Count the living clients."""
        clients: int = self.connection.execute(COUNT).fetchone()[0]
        return clients

    def holder_of(self, document: str) -> str | None:
        """Give the id of the living client that has this document."""
        for (key,) in self.connection.execute(HOLDER, (document,)):
            return id_text(key)
        return None

    def put(self, row: Row, document: str | None) -> None:
        """Store a living client."""
        parameters = (id_bytes(row.id), row.version, document, row.value)
        self.connection.execute(PUT, parameters)

    def bury(self, client_id: str, version: str) -> None:
        """Replace a client by its tombstone."""
        key = id_bytes(client_id)
        self.connection.execute(REMOVE, (key,))
        self.connection.execute(BURY, (key, version))

    def append_change(self, at: Position, client_id: str, at_s: int, message: bytes) -> None:
        """Add a change to the log."""
        key = id_bytes(client_id)
        self.connection.execute(
            f"{APPEND} VALUES (?, ?, ?, ?, ?)", (at.version, at.epoch, key, at_s, message)
        )

    def changes(self, after: int, limit: int) -> list[tuple[Position, bytes]]:
        """Give up to ``limit`` changes whose version is greater than ``after``; fewer large."""
        changes: list[tuple[Position, bytes]] = []
        size = 0
        for epoch, version, message in self.connection.execute(CHANGES, (after, limit)):
            changes.append((Position(epoch, version), message))
            size += len(message)
            if size >= limits.PAGE_BYTES_MAX:
                break
        return changes

    def last_change(self, up_to: int) -> tuple[Position, bytes] | None:
        """Give the newest change up to a version; None when none is kept."""
        for epoch, version, message in self.connection.execute(LAST_CHANGE, (up_to,)):
            return Position(epoch, version), message
        return None

    def history(self, client_id: str) -> Iterable[bytes]:
        """Give the changes kept of one client, oldest first."""
        rows = self.connection.execute(HISTORY, (id_bytes(client_id),))
        return (message for (message,) in rows)

    def prune(self, *, up_to: int, older_than_s: int, limit: int) -> int:
        """Drop the oldest changes: version at most ``up_to`` and Unix time before the other."""
        dropped = list(self.connection.execute(PRUNE, (up_to, older_than_s, limit)))
        if dropped:
            self.connection.execute(SET_BEGINNING, (max(version for (version,) in dropped),))
        return len(dropped)
