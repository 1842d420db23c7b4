"""The Log DB's writing side: entries and their minutes' histograms, in one transaction.

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
from clientela.log_facade import histogram
from clientela.log_facade.migrations import APPLICATION, MIGRATIONS
from clientela.log_facade.record import Record
from clientela.storage.database import open_database, transaction

OTHER_ROUTE = "other"
MINUTE_US = 60_000_000

_INSERT_ENTRY = "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_NUMBERS = "SELECT last_seq, entries FROM log"
_SET_NUMBERS = "UPDATE log SET last_seq = ?, entries = ?"
_MAKE_SERIES = "INSERT OR IGNORE INTO series (facade, method, route) VALUES (?, ?, ?)"
_FIND_SERIES = "SELECT id FROM series WHERE facade = ? AND method = ? AND route = ?"
_COUNT_SERIES = "SELECT count(*) FROM series"
_BUCKETS = "SELECT buckets FROM minutes WHERE minute = ? AND series = ? AND status = ?"
# max() of two values, not the aggregate: the row's own and the new one.
_ADD_TO_MINUTE = """
INSERT INTO minutes VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET count = count + excluded.count, sum_us = sum_us + excluded.sum_us,
  max_us = max(max_us, excluded.max_us), buckets = excluded.buckets
"""
_ADD_DROPS = """
INSERT INTO drops VALUES (?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count
"""
# The first entry that stays when so many go: a range from the table's beginning costs one walk.
_FIRST_TO_STAY = """
SELECT time_us, seq FROM entries WHERE time_us < ? ORDER BY time_us, seq LIMIT 1 OFFSET ?
"""
_DELETE_BEFORE = "DELETE FROM entries WHERE (time_us, seq) < (?, ?)"
_COUNT_OUT = "UPDATE log SET entries = entries - ?"
_DELETE_MINUTES = "DELETE FROM minutes WHERE minute < ?"
_DELETE_DROPS = "DELETE FROM drops WHERE minute < ?"

_FOREVER_US = 2**62
_SeriesKey = tuple[str, str, str]
_Cell = tuple[int, int, int]


class LogStore:
    """One connection that writes; used by one thread at a time. Several may write to one file."""

    def __init__(
        self,
        connection: apsw.Connection,
        *,
        kept_s: int = limits.LOG_KEPT_S,
        kept_entries_max: int = limits.LOG_KEPT_ENTRIES_MAX,
        prune_items_max: int = limits.PRUNE_ITEMS_MAX,
        prune_interval_s: float = limits.LOG_PRUNE_INTERVAL_S,
    ) -> None:
        self._connection = connection
        self._kept_us = kept_s * 1_000_000
        self._kept_entries_max = kept_entries_max
        self._prune_items_max = prune_items_max
        self._prune_interval_us = int(prune_interval_s * 1_000_000)
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
        latencies: defaultdict[_Cell, list[int]] = defaultdict(list)
        # A generator, so that the interpreter is free for requests between any two rows.
        rows = self._rows(records, last_seq + 1, latencies)
        self._connection.executemany(_INSERT_ENTRY, rows)
        for cell, values in latencies.items():
            self._add_to_minute(cell, values)
        if dropped:
            self._connection.execute(_ADD_DROPS, (now_us // MINUTE_US, dropped))
        self._connection.execute(_SET_NUMBERS, (last_seq + len(records), entries + len(records)))

    def _rows(
        self, records: Sequence[Record], first_seq: int, latencies: defaultdict[_Cell, list[int]]
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

    def _add_to_minute(self, cell: _Cell, latencies_us: list[int]) -> None:
        known = self._connection.execute(_BUCKETS, cell).fetchone()
        counts = histogram.count(latencies_us)
        if known is not None:
            counts += histogram.unpack(known[0])
        added = (len(latencies_us), sum(latencies_us), max(latencies_us), histogram.pack(counts))
        self._connection.execute(_ADD_TO_MINUTE, (*cell, *added))

    def prune(self, now_us: int) -> int:
        """Drop a little of what is beyond retention, when it is time; give the entries dropped.

        Entries go by age and by count, minutes by age alone: they are small, and answer for longer.
        """
        # A clock that was set back must not put it off.
        if 0 < self._prune_next_us - now_us <= self._prune_interval_us:
            return 0
        pruned = transaction(self._connection, lambda: self._prune(now_us - self._kept_us))
        if pruned < self._prune_items_max:
            self._prune_next_us = now_us + self._prune_interval_us
        return pruned

    def _prune(self, oldest_us: int) -> int:
        _, entries = self._one(_NUMBERS)
        excess = max(0, entries - self._kept_entries_max)
        pruned = self._prune_to(_FOREVER_US, min(excess, self._prune_items_max))
        if pruned == 0:
            pruned = self._prune_aged(oldest_us)
        self._connection.execute(_DELETE_MINUTES, (oldest_us // MINUTE_US,))
        self._connection.execute(_DELETE_DROPS, (oldest_us // MINUTE_US,))
        return pruned

    def _prune_aged(self, oldest_us: int) -> int:
        pruned = self._prune_to(oldest_us, self._prune_items_max)
        return pruned or self._delete_before(oldest_us, 0)

    def _prune_to(self, before_us: int, items: int) -> int:
        """Drop exactly so many entries of before a time; none when there are not more than that."""
        if items == 0:
            return 0
        stays = self._connection.execute(_FIRST_TO_STAY, (before_us, items)).fetchone()
        return self._delete_before(*stays) if stays is not None else 0

    def _delete_before(self, time_us: int, seq: int) -> int:
        self._connection.execute(_DELETE_BEFORE, (time_us, seq))
        deleted = self._connection.changes()
        if deleted:
            self._connection.execute(_COUNT_OUT, (deleted,))
        return deleted

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
