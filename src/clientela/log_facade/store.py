"""The Log DB's writing side: entries and their histograms, in one transaction.

``synchronous`` is NORMAL: no acknowledgement depends on the log, and a power cut may cost its last
moments but never damages the file.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import apsw
import msgspec

from clientela import limits
from clientela.log_facade import rollup
from clientela.log_facade.levels import MINUTE_US
from clientela.log_facade.migrations import APPLICATION, MIGRATIONS
from clientela.log_facade.record import Record
from clientela.log_facade.retention import Retention, prune_some
from clientela.log_facade.rollup import Cell
from clientela.storage.database import open_database, transaction

OTHER_ROUTE = "other"

_INSERT_ENTRY = "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_NUMBERS = "SELECT last_seq, entries FROM log"
_SET_NUMBERS = "UPDATE log SET last_seq = ?, entries = ?"
_MAKE_SERIES = "INSERT OR IGNORE INTO series (facade, method, route) VALUES (?, ?, ?)"
_FIND_SERIES = "SELECT id FROM series WHERE facade = ? AND method = ? AND route = ?"
_COUNT_SERIES = "SELECT count(*) FROM series"
_ADD_DROPS = """
INSERT INTO drops VALUES (?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count
"""
_SeriesKey = tuple[str, str, str]


class LogStore:
    """One connection that writes; used by one thread at a time. Several may write to one file."""

    def __init__(self, connection: apsw.Connection, *, kept: Retention | None = None) -> None:
        rollup.prepare(connection)
        self._connection = connection
        self._kept = kept or Retention()
        self._prune_interval_us = int(self._kept.interval_s * 1_000_000)
        self._prune_next_us = 0
        self._series: dict[_SeriesKey, int] = {}

    def write(self, records: Sequence[Record], *, dropped: int = 0, now_us: int) -> None:
        """Add records, and how many were dropped; all of it or, when this raises, nothing."""
        try:
            transaction(self._connection, lambda: self._write(records, dropped, now_us))
        except BaseException:
            self._series.clear()  # some of them may have been undone
            raise

    def _write(self, records: Sequence[Record], dropped: int, now_us: int) -> None:
        last_seq, entries = self._one(_NUMBERS)
        latencies: defaultdict[Cell, list[int]] = defaultdict(list)
        # A generator, so that the interpreter is free for requests between any two rows.
        rows = self._rows(records, last_seq + 1, latencies)
        self._connection.executemany(_INSERT_ENTRY, rows)
        rollup.add(self._connection, latencies)
        if dropped:
            self._connection.execute(_ADD_DROPS, (now_us // MINUTE_US, dropped))
        self._connection.execute(_SET_NUMBERS, (last_seq + len(records), entries + len(records)))

    def _rows(
        self, records: Sequence[Record], first_seq: int, latencies: defaultdict[Cell, list[int]]
    ) -> Iterator[tuple[Any, ...]]:
        for seq, record in enumerate(records, start=first_seq):
            series = self._series_of((record.facade, record.method, record.route))
            cell = (record.time_us // MINUTE_US, series, record.status)
            latencies[cell].append(record.latency_us)
            yield (
                record.time_us,
                seq,
                series,
                record.status,
                record.latency_us,
                _parts(record.parts_ns),
                record.body_bytes,
                record.trace_id,
                record.lag_ms,
                record.outbox,
                record.error,
            )

    def _series_of(self, key: _SeriesKey) -> int:
        found = self._series.get(key)
        if found is None:
            found = self._series[key] = self._make_series(key)
        return found

    def _make_series(self, key: _SeriesKey) -> int:
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


def _parts(parts_ns: dict[str, int] | None) -> str | None:
    if not parts_ns:
        return None
    parts_us = {name: duration_ns // 1_000 for name, duration_ns in parts_ns.items()}
    return msgspec.json.encode(parts_us).decode()
