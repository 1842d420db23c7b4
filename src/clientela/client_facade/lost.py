"""Keeping what the register lost: its changes, and the receipts that are void without them.

All of it runs in the replica's writer thread, inside the caller's transaction.
"""

from collections.abc import Callable, Mapping

import apsw

from clientela import limits
from clientela.client_facade.lost_tables import LostTables
from clientela.client_facade.outbox import Outbox
from clientela.client_facade.tables import UNBURY, ReplicaTables
from clientela.clients.changes import ChangeHeaders
from clientela.clients.ids import id_bytes
from clientela.clients.writes import Receipt
from clientela.storage.register import REMOVE


class LostChanges:
    """Changes the table of lost changes; ``now_ms`` gives Unix time."""

    def __init__(
        self, connection: apsw.Connection, outbox: Outbox, now_ms: Callable[[], int]
    ) -> None:
        self._connection = connection
        self._outbox = outbox
        self._replica = ReplicaTables(connection)
        self._now_ms = now_ms
        self.tables = LostTables(connection)
        self.recount()

    def recount(self) -> None:
        """Count anew: a transaction that failed has counted what did not happen."""
        self.count = self.tables.count()

    def keep(self, after: int, up_to: int, known: Mapping[str, Receipt]) -> int:
        """Keep the changes with ``after`` < version ≤ ``up_to``; gives how many there are.

        But those that the register has all the same: ``known`` are its receipts. What it does not
        know of the outbox's settled writes is settled no more.
        """
        first = after
        while page := self._replica.changes(after, limits.FEED_BATCH_MESSAGES_MAX):
            for position, message in page:
                if position.version <= up_to:
                    self._keep(message, position.version, known)
            after = page[-1][0].version
        for entry in self._outbox.tables.settled_between(first, up_to):
            self._outbox.unsettle(entry, known.get(entry.write.write_id))
        self.recount()
        return self.count

    def _keep(self, message: bytes, version: int, known: Mapping[str, Receipt]) -> None:
        change = self.tables.add(message, version, self._now_ms())
        if change.headers.write_id in known:
            self.tables.remove(change.headers.write_id)
        elif change.headers.operation == "insert":
            # As far as the register goes, this client never was: it can be created again.
            self._connection.execute(UNBURY, (id_bytes(change.key),))

    def drop(self, client_id: str, version: str) -> None:
        """Take a client out that the register has not, leaving a tombstone if it ever had it."""
        if self.count and self.tables.created(client_id):
            self._replica.index.drop_row(client_id)
            self._connection.execute(REMOVE, (id_bytes(client_id),))
        else:
            self._replica.bury(client_id, version)

    def arrived(self, headers: ChangeHeaders) -> None:
        """Take note of a change that the replica now has: it may be one that was lost."""
        if not self.count:
            return
        if self.tables.find(headers.write_id) is not None:
            self.tables.remove(headers.write_id)
            self.recount()
        self._outbox.found_again(headers)

    def close(self, write_id: str, *, offered: bool) -> None:
        """Let a lost change go: it was offered again, or discarded."""
        self.tables.remove(write_id)
        self._outbox.close_lost(write_id, "superseded" if offered else "discarded")
        self.recount()
