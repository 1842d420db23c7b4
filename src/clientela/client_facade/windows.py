"""Windows on the list of clients: so many rows from any place of it, in an order that people chose.

They are what a page that scrolls through 100,000 clients reads. The deeper a window lies the longer
it takes (about 20 µs per thousand rows passed by), so they are read in a thread of their own.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, NamedTuple

from clientela import limits
from clientela.client_facade.index_tables import OVERLAY_PLACES
from clientela.client_facade.search import match_expression
from clientela.client_facade.view import View
from clientela.clients.ids import id_text
from clientela.feed.position import Position
from clientela.storage.database import second_connection, snapshot
from clientela.storage.register import Row
from clientela.web.lists import Order

Sort = Literal["id", "name"]
Waiting = Literal["pending", "refused"]

# A row under an overlay is not shown.
_COVERED = "SELECT c.seq FROM overlay o JOIN clients c USING (id)"
_SHOWN = f"place NOT IN ({_COVERED})"
_ROWS = """
SELECT id, seq AS place FROM clients c
WHERE NOT EXISTS (SELECT 1 FROM overlay o WHERE o.id = c.id)
"""
_OVERLAYS = "SELECT id, seq + (1 << 40) AS place FROM overlay WHERE value IS NOT NULL"
BY_ID = "SELECT seq FROM clients ORDER BY id {direction} LIMIT ? OFFSET ?"
BY_ID_COVERED = (
    f"SELECT place FROM ({_ROWS} UNION ALL {_OVERLAYS}) "  # noqa: S608 - our own queries
    "ORDER BY id {direction} LIMIT ? OFFSET ?"
)
BY_NAME = "SELECT place FROM names ORDER BY name {direction}, place {direction} LIMIT ? OFFSET ?"
BY_NAME_COVERED = BY_NAME.replace("names", f"names WHERE {_SHOWN}")
MATCHES = """
SELECT rowid FROM clients_search WHERE clients_search MATCH ? ORDER BY rowid {direction} LIMIT ?
"""
MATCHES_BY_NAME = """
SELECT s.rowid FROM clients_search s JOIN names n ON n.place = s.rowid
WHERE clients_search MATCH ? ORDER BY n.name {direction}, n.place {direction} LIMIT ?
"""
WAITING = """
SELECT shown.place FROM ({shown}) AS shown {names}
WHERE id IN (SELECT client_id FROM outbox WHERE state = ?) ORDER BY {key} {direction}
"""
ANY_OVERLAY = "SELECT EXISTS (SELECT 1 FROM overlay)"
ROW = "SELECT id, version, value FROM clients WHERE seq = ?"
OVERLAY = "SELECT id, tag, value FROM overlay WHERE seq = ?"


class Arrangement(NamedTuple):
    """What a list holds, and in which order.

    ``query`` is what people typed, ``waiting`` leaves those clients only that have such a write.
    The order of ids is that of creation; in a search it is that of arrival here.
    """

    sort: Sort
    order: Order
    query: str | None = None
    waiting: Waiting | None = None


class Window(NamedTuple):
    """Rows of a list, the number of all, and the position of the register that they show."""

    rows: list[Row]
    total: int
    position: Position


class Windows:
    """Reads on a connection of its own; ``read`` belongs to the event loop's thread."""

    def __init__(self, path: Path) -> None:
        """Open a file that the replica has made."""
        self._thread = ThreadPoolExecutor(1, "replica-windows")
        self._connection = second_connection(path, read_only=True)
        self._view = View(self._connection)

    def close(self) -> None:
        """Close the file, after the last window has been read."""
        self._thread.shutdown()
        self._connection.close()

    async def read(self, arrangement: Arrangement, skip: int, limit: int) -> Window:
        """Read up to ``limit`` rows after the first ``skip``."""
        work: Callable[[], Window] = lambda: self._read(arrangement, skip, limit)  # noqa: E731
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _read(self, arrangement: Arrangement, skip: int, limit: int) -> Window:
        with snapshot(self._connection):
            self._view.covered = bool(self._connection.execute(ANY_OVERLAY).get)
            head = self._view.tables.head()
            assert head is not None  # noqa: S101 - the caller has waited for a replica
            if arrangement.query is None and arrangement.waiting is None:
                places = self._of_all(arrangement, skip, limit)
                total = self._view.count(head.clients)
            else:
                found = self._of_some(arrangement)
                places, total = found[skip : skip + limit], len(found)
            return Window([self._row(place) for place in places], total, head.position)

    def _of_all(self, arrangement: Arrangement, skip: int, limit: int) -> list[int]:
        queries = {
            ("id", False): BY_ID,
            ("id", True): BY_ID_COVERED,
            ("name", False): BY_NAME,
            ("name", True): BY_NAME_COVERED,
        }
        query = queries[arrangement.sort, self._view.covered]
        return self._places(query.format(direction=arrangement.order), limit, skip)

    def _of_some(self, arrangement: Arrangement) -> list[int]:
        if arrangement.query is None:
            return self._waiting(arrangement)
        found = self._matches(arrangement, arrangement.query)
        if arrangement.waiting is not None:
            waiting = set(self._waiting(arrangement))
            return [place for place in found if place in waiting]
        if self._view.covered:
            covered = set(self._places(_COVERED))
            return [place for place in found if place not in covered]
        return found

    def _matches(self, arrangement: Arrangement, typed: str) -> list[int]:
        expression = match_expression(typed)
        if expression is None:
            return []
        query = MATCHES if arrangement.sort == "id" else MATCHES_BY_NAME
        direction = arrangement.order
        return self._places(
            query.format(direction=direction), expression, limits.SEARCH_MATCHES_MAX
        )

    def _waiting(self, arrangement: Arrangement) -> list[int]:
        by_name = arrangement.sort == "name"
        query = WAITING.format(
            shown=f"{_ROWS} UNION ALL {_OVERLAYS}",
            names="LEFT JOIN names n USING (place)" if by_name else "",
            key="n.name" if by_name else "id",
            direction=arrangement.order,
        )
        return self._places(query, arrangement.waiting)

    def _places(self, query: str, *bindings: object) -> list[int]:
        return [place for (place,) in self._connection.execute(query, bindings)]

    def _row(self, place: int) -> Row:
        query, seq = (OVERLAY, place - OVERLAY_PLACES) if place >= OVERLAY_PLACES else (ROW, place)
        key, version, value = self._connection.execute(query, (seq,)).fetchone()  # type: ignore[misc]
        return Row(id_text(key), version, value)
