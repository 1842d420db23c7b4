"""What a search and the order of names need, beside each client that reads show.

Both go by a client's place: the ``seq`` of its row, or, beyond all of those, that of its overlay.
Invariant: a client whose place is not in ``unindexed`` is found by its present words, and stands
in ``names`` under its present name.
"""

from collections.abc import Iterable

import apsw

from clientela import limits
from clientela.client_facade.search import indexed_text, name_key
from clientela.clients.ids import id_bytes
from clientela.clients.model import Client

# Places of overlays come after those of all rows.
OVERLAY_PLACES = 1 << 40

INDEX = "INSERT OR REPLACE INTO clients_search (rowid, text) VALUES (?, ?)"
NAME = "INSERT OR REPLACE INTO names (place, name) VALUES (?, ?)"
UNINDEX = "DELETE FROM clients_search WHERE rowid = ?"
UNNAME = "DELETE FROM names WHERE place = ?"
# Merges the index step by step, as its own optimisation does, until deleted words are nowhere.
MERGE = "INSERT INTO clients_search (clients_search, rank) VALUES ('merge', ?)"
_CHANGED_AT_LEAST = 2  # rows: a merge that finds nothing to do changes fewer
PLACE = "SELECT seq FROM clients WHERE id = ?"


class IndexTables:
    """The queries that change the index, on one connection, for one thread at a time."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def put(self, found: Iterable[tuple[int, Client]]) -> None:
        """Index clients as they are now, each by its place."""
        clients = list(found)
        texts = ((place, indexed_text(client)) for place, client in clients)
        names = ((place, name_key(client.name)) for place, client in clients)
        self._connection.executemany(INDEX, texts)
        self._connection.executemany(NAME, names)

    def merge(self, *, begin: bool) -> bool:
        """Take a step in having deleted words leave the file; False when none was left."""
        before = self._connection.total_changes()
        pages = limits.SEARCH_MERGE_PAGES
        self._connection.execute(MERGE, (-pages if begin else pages,))
        return self._connection.total_changes() - before >= _CHANGED_AT_LEAST

    def drop(self, place: int) -> None:
        """Forget what stands at a place; nothing happens when nothing does."""
        self._connection.execute(UNINDEX, (place,))
        self._connection.execute(UNNAME, (place,))

    def drop_row(self, client_id: str) -> None:
        """Forget the replica's row of a client."""
        place: int | None = self._connection.execute(PLACE, (id_bytes(client_id),)).get
        if place is not None:
            self.drop(place)
