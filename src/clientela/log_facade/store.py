"""The Log DB's writing side: entries and their histograms, in one transaction.

Many entries at once become a block, few become rows: a quiet log would end as thousands of blocks
of one entry each.

Neither engine waits for the disk: no acknowledgement depends on the log, and a power cut may cost
its last moments but never damages it.
"""

from pathlib import Path
from typing import Any

import numpy as np

from clientela import limits
from clientela.log_facade import blocks, rollup, rows
from clientela.log_facade.batch import Batch, Column, distinct
from clientela.log_facade.database import Database
from clientela.log_facade.levels import MINUTE_US
from clientela.log_facade.names import OTHER_ROUTE, SeriesKey
from clientela.log_facade.retention import Retention, prune_some
from clientela.log_facade.sqlite import open_file

_INSERT_BLOCK = "INSERT INTO blocks VALUES (?, ?, ?, ?, ?)"
_NUMBER = "UPDATE log SET last_seq = last_seq + ?, entries = entries + ? RETURNING last_seq"
_MAKE_SERIES = """
INSERT INTO series (facade, method, route) VALUES (?, ?, ?) ON CONFLICT DO NOTHING
"""
_FIND_SERIES = "SELECT id FROM series WHERE facade = ? AND method = ? AND route = ?"
_COUNT_SERIES = "SELECT count(*) FROM series"
_ADD_DROPS = """
INSERT INTO drops VALUES (?, ?)
ON CONFLICT (minute) DO UPDATE SET count = drops.count + excluded.count
"""


class LogStore:
    """Writes to one Log DB; used by one thread at a time. Several may write to one Log DB."""

    def __init__(self, database: Database, *, kept: Retention | None = None) -> None:
        self._database = database
        self._kept = kept or Retention()
        self._prune_interval_us = int(self._kept.interval_s * 1_000_000)
        self._prune_next_us = 0
        self._series: dict[SeriesKey, int] = {}

    def write(self, batch: Batch, *, dropped: int = 0, now_us: int) -> None:
        """Add a batch, and how many were dropped; all of it or, when this raises, nothing."""
        try:
            self._database.transaction(lambda: self._write(batch, dropped, now_us))
        except BaseException:
            self._series.clear()  # some of them may have been undone
            raise

    def _write(self, batch: Batch, dropped: int, now_us: int) -> None:
        last_seq = self._one(_NUMBER, (len(batch), len(batch)))[0] - len(batch)
        for minute, some in batch.by_time().minutes():
            series = self._series_of(some)
            self._add(some, series, last_seq + 1)
            rollup.add(self._database, rollup.cells(minute, series, some))
            last_seq += len(some)
        if dropped:
            self._database.execute(_ADD_DROPS, (now_us // MINUTE_US, dropped))

    def _add(self, batch: Batch, series: Column, first_seq: int) -> None:
        if len(batch) < limits.LOG_BLOCK_ENTRIES_MIN:
            self._database.add_entries(rows.of(batch, series, first_seq))
            return
        times = int(batch.time_us[0]), int(batch.time_us[-1])
        blob = blocks.encode(batch, series, first_seq)
        self._database.execute(_INSERT_BLOCK, (first_seq, *times, len(batch), blob))

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
        known = self._database.execute(_FIND_SERIES, key).fetchone()
        if known is not None:
            return int(known[0])
        if self._one(_COUNT_SERIES)[0] >= limits.LOG_SERIES_MAX:
            key = (key[0], key[1], OTHER_ROUTE)
        self._database.execute(_MAKE_SERIES, key)
        return int(self._one(_FIND_SERIES, key)[0])

    def prune(self, now_us: int) -> int:
        """Drop a little of what is beyond retention, when it is time; give the entries dropped.

        An old file's hours and days are filled first, for that is done from what may go.
        """
        # A clock that was set back must not put it off.
        if 0 < self._prune_next_us - now_us <= self._prune_interval_us:
            return 0
        entries, more = self._database.transaction(lambda: self._prune(now_us))
        if not more:
            self._prune_next_us = now_us + self._prune_interval_us
        return entries

    def _prune(self, now_us: int) -> tuple[int, bool]:
        if not self._database.may_prune():
            return 0, False
        if rollup.fill_some(self._database):
            return 0, True
        return prune_some(self._database, self._kept, now_us)

    def _one(self, sql: str, bindings: tuple[Any, ...] = ()) -> tuple[Any, ...]:
        return next(iter(self._database.execute(sql, bindings)))

    def interrupt(self) -> None:
        """End, from another thread, what is under way: it raises."""
        self._database.interrupt()

    def close(self) -> None:
        """Close the Log DB."""
        self._database.close()


def open_store(path: Path) -> LogStore:
    """Open a Log DB for writing, or make it.

    Raises StartupError when the file is damaged or another program's.
    """
    return LogStore(open_file(path))
