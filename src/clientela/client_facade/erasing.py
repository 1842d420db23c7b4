"""Erasing a person at a facade: all that it holds of a client, in the caller's transaction.

It runs in the replica's writer thread. What is gone afterwards: the row and its overlay, their
words in the index, the writes that wait, were refused or are settled, what the register lost of it,
and its changes in the log that is relayed. What stays: its id, and how many writes never arrived.
"""

import apsw

from clientela.client_facade.index_tables import OVERLAY_PLACES, IndexTables
from clientela.client_facade.outbox_tables import OutboxTables
from clientela.clients.erased import without_holder
from clientela.clients.ids import id_bytes
from clientela.feed.position import Position
from clientela.storage.erasures import TABLES, Erasure, ErasureTables

MIGRATION = (
    TABLES
    + """
-- Writes that waited, or were refused, and went with the client.
ALTER TABLE erasures ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_of_client ON outbox (client_id);
"""
)

ADD_DROPPED = "UPDATE erasures SET dropped = dropped + ? WHERE client_id = ?"
DROPPED = "SELECT coalesce(sum(dropped), 0) FROM erasures"
OPEN_WRITES = "SELECT count(*) FROM outbox WHERE client_id = ? AND state IN ('pending', 'refused')"
FORGET_WRITES = "DELETE FROM outbox WHERE client_id = ?"
FORGET_LOST = "DELETE FROM lost_changes WHERE client_id = ?"


class Erasing:
    """Erases on one connection."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._erasures = ErasureTables(connection)
        self._outbox = OutboxTables(connection)
        self._index = IndexTables(connection)

    def erase(self, client_id: str, position: Position) -> None:
        """Erase all but the replica's row, which the caller takes out of the digest, too."""
        key = (id_bytes(client_id),)
        waited: int = self._connection.execute(OPEN_WRITES, key).get
        self._erasures.note(Erasure(client_id, str(position)))
        self._erasures.blank_changes(client_id, position.version)
        self._connection.execute(ADD_DROPPED, (waited, *key))
        self._connection.execute(FORGET_WRITES, key)
        self._connection.execute(FORGET_LOST, key)
        place = self._outbox.uncover(client_id)
        if place is not None:
            self._index.drop(OVERLAY_PLACES + place)
        for entry in self._outbox.naming(client_id):
            self._outbox.close(entry.write.write_id, entry.state, without_holder(entry.receipt))

    @property
    def last(self) -> str:
        """Give the position of the last erasure; empty when there was none."""
        return self._erasures.last()

    def dropped(self) -> int:
        """Count the writes that waited, or were refused, and went with their clients."""
        found: int = self._connection.execute(DROPPED).get
        return found
