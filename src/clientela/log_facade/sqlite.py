"""A Log DB in a SQLite file, as its writer has it open, and what SQLite alone is asked."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import apsw

from clientela.log_facade import histogram
from clientela.log_facade.database import Cell, Row
from clientela.log_facade.levels import LEVELS, Level
from clientela.log_facade.migrations import APPLICATION, MIGRATIONS
from clientela.storage.database import open_database, transaction

_Result = TypeVar("_Result")

# SQLite makes the JSON without holding the interpreter up, so requests go on meanwhile. CROSS JOIN:
# entries first, in the order of their key.
LIST_ROWS = """
SELECT printf('%014x%08x%010x', time_us, {source}, seq) AS id, json_object(
  'id', printf('%014x%08x%010x', time_us, {source}, seq),
  'time', strftime('%Y-%m-%dT%H:%M:%S', time_us / 1000000, 'unixepoch')
    || printf('.%06dZ', time_us % 1000000),
  'facade', facade, 'method', method, 'route', route, 'status', status,
  'latency_us', latency_us, 'parts', json(coalesce(parts, '{{}}')), 'bytes', bytes,
  'trace_id', lower(hex(trace_id)), 'lag_ms', lag_ms, 'outbox', outbox, 'error', error)
FROM entries CROSS JOIN series ON series.id = entries.series
WHERE (time_us, seq) > (?, ?) AND (time_us, seq) < (?, ?){conditions}
ORDER BY time_us {direction}, seq {direction} LIMIT ?
"""

_INSERT_ENTRY = "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
# max() of two values, not the aggregate: the row's own and the new one.
_ADD = """
INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET count = count + excluded.count, sum_us = sum_us + excluded.sum_us,
  max_us = max(max_us, excluded.max_us), buckets = merged(buckets, excluded.buckets)
"""
_ADDS = {level: _ADD.format(table=level.table) for level in LEVELS}
_PAGES = """
SELECT page_count, freelist_count, page_size
FROM pragma_page_count, pragma_freelist_count, pragma_page_size
"""


class SqliteDatabase:
    """A ``Database``; several may write to one file."""

    def __init__(self, connection: apsw.Connection) -> None:
        connection.create_scalar_function("merged", _merged, 2, deterministic=True)
        self.connection = connection
        self.execute = connection.execute
        self.changes = connection.changes
        self.interrupt = connection.interrupt
        self.close = connection.close  # the last one to close a file also folds its WAL in

    def transaction(self, work: Callable[[], _Result]) -> _Result:
        """Run ``work`` while no other writes; when it raises, it has left no trace."""
        return transaction(self.connection, work)

    def add_entries(self, rows: Iterable[Row]) -> None:
        """Add rows to the table ``entries``."""
        self.connection.executemany(_INSERT_ENTRY, rows)

    def add_cells(self, cells: Sequence[tuple[Level, Sequence[Cell]]]) -> None:
        """Add histograms to those of the same unit, series and status, or make them."""
        for level, some in cells:
            self.connection.executemany(_ADDS[level], some)

    def may_prune(self) -> bool:
        """Tell that it may: a file's writers are few."""
        return True

    def bytes_used(self) -> int:
        """Say how much of the file is in use: it never shrinks by itself."""
        pages, free, size = next(self.execute(_PAGES))
        return int((pages - free) * size)


def _merged(*blobs: Any) -> bytes:
    return histogram.merged(*blobs)


def open_file(path: Path) -> SqliteDatabase:
    """Open a Log DB for writing, or make it.

    Raises StartupError when the file is damaged or another program's.
    """
    connection = open_database(path, application=APPLICATION, migrations=MIGRATIONS)
    connection.execute("PRAGMA synchronous=NORMAL").fetchall()
    return SqliteDatabase(connection)
