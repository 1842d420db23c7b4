"""The Log DB's writing side: entries and their histograms, in one transaction.

Many entries at once become a block, few become rows: a quiet log would end as thousands of blocks
of one entry each.

``synchronous`` is NORMAL: no acknowledgement depends on the log, and a power cut may cost its last
moments but never damages the file.
"""

from pathlib import Path
from typing import Any

import apsw
import numpy as np

from clientela import limits
from clientela.log_facade import blocks, rollup, rows
from clientela.log_facade.batch import Batch, Column, distinct
from clientela.log_facade.levels import MINUTE_US
from clientela.log_facade.migrations import APPLICATION, MIGRATIONS
from clientela.log_facade.names import OTHER_ROUTE, SeriesKey
from clientela.log_facade.retention import Retention, prune_some
from clientela.storage.database import open_database, transaction

_INSERT_ENTRY = "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_BLOCK = "INSERT INTO blocks VALUES (?, ?, ?, ?, ?)"
_NUMBERS = "SELECT last_seq, entries FROM log"
_SET_NUMBERS = "UPDATE log SET last_seq = ?, entries = ?"
_MAKE_SERIES = "INSERT OR IGNORE INTO series (facade, method, route) VALUES (?, ?, ?)"
_FIND_SERIES = "SELECT id FROM series WHERE facade = ? AND method = ? AND route = ?"
_COUNT_SERIES = "SELECT count(*) FROM series"
_ADD_DROPS = """
INSERT INTO drops VALUES (?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count
"""


class LogStore:
    """One connection that writes; used by one thread at a time. Several may write to one file."""

    def __init__(self, connection: apsw.Connection, *, kept: Retention | None = None) -> None:
        rollup.prepare(connection)
        self._connection = connection
        self._kept = kept or Retention()
        self._prune_interval_us = int(self._kept.interval_s * 1_000_000)
        self._prune_next_us = 0
        self._series: dict[SeriesKey, int] = {}

    def write(self, batch: Batch, *, dropped: int = 0, now_us: int) -> None:
        """Add a batch, and how many were dropped; all of it or, when this raises, nothing."""
        try:
            transaction(self._connection, lambda: self._write(batch, dropped, now_us))
        except BaseException:
            self._series.clear()  # some of them may have been undone
            raise

    def _write(self, batch: Batch, dropped: int, now_us: int) -> None:
        last_seq, entries = self._one(_NUMBERS)
        self._connection.execute(_SET_NUMBERS, (last_seq + len(batch), entries + len(batch)))
        for minute, some in batch.by_time().minutes():
            series = self._series_of(some)
            self._add(some, series, last_seq + 1)
            rollup.add(self._connection, rollup.cells(minute, series, some))
            last_seq += len(some)
        if dropped:
            self._connection.execute(_ADD_DROPS, (now_us // MINUTE_US, dropped))

    def _add(self, batch: Batch, series: Column, first_seq: int) -> None:
        if len(batch) < limits.LOG_BLOCK_ENTRIES_MIN:
            self._connection.executemany(_INSERT_ENTRY, rows.of(batch, series, first_seq))
            return
        times = int(batch.time_us[0]), int(batch.time_us[-1])
        blob = blocks.encode(batch, series, first_seq)
        self._connection.execute(_INSERT_BLOCK, (first_seq, *times, len(batch), blob))

    def _series_of(self, batch: Batch) -> Column:
        """Give the numbers that the Log DB has for the batch's series."""
        numbers, places = distinct(batch.series)
        keys = (batch.vocabulary.series[number] for number in numbers.tolist())
        return np.array([self._number_of(key) for key in keys])[places]

    def _number_of(self, key: SeriesKey) -> int:
        found = self._series.get(key)
        if found is None:
            found = self._series[key] = self._make_series(key)
        return found

    def _make_series(self, key: SeriesKey) -> int:
        known = self._connection.execute(_FIND_SERIES, key).fetchone()
        if known is not None:
            return int(known[0])
        if self._one(_COUNT_SERIES)[0] >= limits.LOG_SERIES_MAX:
            key = (key[0], key[1], OTHER_ROUTE)
        self._connection.execute(_MAKE_SERIES, key)
        return int(self._one(_FIND_SERIES, key)[0])

    def prune(self, now_us: int) -> int:
        """Drop a little of what is beyond retention, when it is time; give the entries dropped.

        An old file's hours and days are filled first, for that is done from what may go.
        """
        # A clock that was set back must not put it off.
        if 0 < self._prune_next_us - now_us <= self._prune_interval_us:
            return 0
        entries, more = transaction(self._connection, lambda: self._prune(now_us))
        if not more:
            self._prune_next_us = now_us + self._prune_interval_us
        return entries

    def _prune(self, now_us: int) -> tuple[int, bool]:
        if rollup.fill_some(self._connection):
            return 0, True
        return prune_some(self._connection, self._kept, now_us)

    def _one(self, sql: str, bindings: tuple[Any, ...] = ()) -> tuple[Any, ...]:
        return next(iter(self._connection.execute(sql, bindings)))

    def close(self) -> None:
        """Close the connection; the last one to close a file also folds its WAL in."""
        self._connection.close()


def open_store(path: Path) -> LogStore:
    """Open a Log DB for writing, or make it.

    Raises StartupError when the file is damaged or another program's.
    """
    connection = open_database(path, application=APPLICATION, migrations=MIGRATIONS)
    connection.execute("PRAGMA synchronous=NORMAL").fetchall()
    return LogStore(connection)
