"""What reads at a facade show: its replica, and over it the writes that are still open."""

import apsw

from clientela.client_facade.index_tables import OVERLAY_PLACES
from clientela.client_facade.search import match_expression
from clientela.client_facade.tables import ReplicaTables
from clientela.clients.ids import id_bytes, id_text
from clientela.storage.register import Page, Row, Tombstone
from clientela.web.lists import Order

OVERLAID = "SELECT tag, value FROM overlay WHERE id = ?"
PAGE_ASCENDING = "SELECT id, value FROM overlay WHERE id > ? ORDER BY id LIMIT ?"
PAGE_DESCENDING = "SELECT id, value FROM overlay WHERE id < ? ORDER BY id DESC LIMIT ?"
HOLDER = "SELECT id FROM overlay WHERE document = ?"
COVERED_IDS = "SELECT id FROM overlay WHERE id IN (SELECT id FROM clients WHERE document = ?)"
# Clients that only wait here, less those whose deletion does.
DIFFERENCE = """
SELECT sum((o.value IS NOT NULL) - (c.id IS NOT NULL)) FROM overlay o LEFT JOIN clients c USING (id)
"""
# rowids come in order from the index itself, so a page stops after its last row. A client with an
# overlay is found by the overlay's words alone.
SEARCH_ROWS = """
SELECT s.rowid, c.id, c.version, c.value FROM clients_search s JOIN clients c ON c.seq = s.rowid
WHERE clients_search MATCH ? AND s.rowid > ? AND s.rowid < ?
    AND NOT EXISTS (SELECT 1 FROM overlay o WHERE o.id = c.id)
ORDER BY s.rowid {direction} LIMIT ?
"""
SEARCH_OVERLAY = """
SELECT s.rowid, o.id, o.tag, o.value FROM clients_search s
JOIN overlay o ON o.seq = s.rowid - {places}
WHERE clients_search MATCH ? AND s.rowid > ? AND s.rowid < ?
ORDER BY s.rowid {direction} LIMIT ?
"""
_LOWEST_ID, _BEYOND_ANY_ID = b"", b"\xff" * 17
_BEYOND_ANY_PLACE = 1 << 62

Found = list[tuple[int, Row]]


class View:
    """Reads on one connection, for one thread at a time.

    ``covered`` says whether there is any overlay: without one a read costs no more than its row.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self.tables = ReplicaTables(connection)
        self._connection = connection
        self.covered = True

    def client(self, client_id: str) -> Row | Tombstone | None:
        """Look one client up."""
        if self.covered:
            key = id_bytes(client_id)
            for tag, value in self._connection.execute(OVERLAID, (key,)):
                return Tombstone(tag) if value is None else Row(client_id, tag, value)
        return self.tables.client(client_id)

    def holder_of(self, document: str) -> str | None:
        """Give the id of the client that is shown with this document."""
        if self.covered:
            for (key,) in self._connection.execute(HOLDER, (document,)):
                return id_text(key)
            if self._connection.execute(COVERED_IDS, (document,)).fetchall():
                return None
        return self.tables.holder_of(document)

    def count(self, rows: int) -> int:
        """Give the number of clients shown, of ``rows`` in the replica."""
        if not self.covered:
            return rows
        difference: int = self._connection.execute(DIFFERENCE).get or 0
        return rows + difference

    def page(self, after: str | None, limit: int, *, descending: bool = False) -> Page:
        """Give clients in the order of their ids; the digest is that of the replica alone."""
        if not self.covered:
            return self.tables.page(after, limit, descending=descending)
        while True:
            items, following = self._merged_page(after, limit, descending=descending)
            if items or following is None:
                return Page(items, following, None)
            after = following  # every client of this stretch is shown as deleted

    def _merged_page(
        self, after: str | None, limit: int, *, descending: bool
    ) -> tuple[list[bytes], str | None]:
        """Give a page with the id up to which it is complete; None when that is the end."""
        rows, rows_follow = self.tables.rows(after, limit, descending=descending)
        overlays = self._overlays(after, limit + 1, descending=descending)
        shown: dict[bytes, bytes | None] = {**dict(rows), **overlays}
        ends = [rows[-1][0]] if rows_follow else []
        ends += [list(overlays)[limit - 1]] if len(overlays) > limit else []
        keys = sorted(shown, reverse=descending)
        if ends:
            last = max(ends) if descending else min(ends)
            keys = [key for key in keys if (key >= last if descending else key <= last)]
        page = [(key, value) for key in keys if (value := shown[key]) is not None]
        values = [value for _, value in page[:limit]]
        if len(page) > limit:
            return values, id_text(page[limit - 1][0])
        return values, id_text(keys[-1]) if ends else None

    def _overlays(
        self, after: str | None, limit: int, *, descending: bool
    ) -> dict[bytes, bytes | None]:
        edge = _BEYOND_ANY_ID if descending else _LOWEST_ID
        start = edge if after is None else id_bytes(after)
        query = PAGE_DESCENDING if descending else PAGE_ASCENDING
        return {key: value for key, value in self._connection.execute(query, (start, limit))}  # noqa: C416 - typed

    def search(self, query: str, after: int | None, limit: int, order: Order) -> Found:
        """Give clients that match what people typed, each with its place in this facade's index."""
        expression = match_expression(query)
        if expression is None:
            return []
        descending = order == "desc"
        low = after if after is not None and not descending else 0
        high = after if after is not None and descending else _BEYOND_ANY_PLACE
        parts = [SEARCH_ROWS, SEARCH_OVERLAY] if self.covered else [SEARCH_ROWS]
        found: Found = []
        for part in reversed(parts) if descending else parts:
            bounds = (expression, low, high, limit - len(found))
            found += self._search(part, bounds, direction="DESC" if descending else "ASC")
        return found

    def _search(self, part: str, bounds: tuple[object, ...], *, direction: str) -> Found:
        statement = part.format(direction=direction, places=OVERLAY_PLACES)
        return [
            (place, Row(id_text(key), version, value))
            for place, key, version, value in self._connection.execute(statement, bounds)
        ]
