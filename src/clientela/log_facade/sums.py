"""Requests added up over any range: days, hours and minutes from histograms, the rest by entries.

Where a level is no longer kept, a range that begins or ends within a unit of the next wider one
goes without that unit: what is told happened in the range, never outside of it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from clientela import limits
from clientela.log_facade.axis import Axis, axis_of
from clientela.log_facade.batch import Column
from clientela.log_facade.blocks import Block
from clientela.log_facade.database import Connection, Snapshot
from clientela.log_facade.filters import Filters
from clientela.log_facade.levels import MINUTE_US, Level, Part, cut, split
from clientela.log_facade.logs import Log
from clientela.log_facade.selection import Selection
from clientela.log_facade.tally import Tallies

By = Literal["route", "facade", "status", "time"]
_Rows = Iterable[tuple[Any, ...]]

# string_agg joins the blobs byte by byte; that is all that merging takes.
_CELLS = """
SELECT {key}, CAST(sum(count) AS BIGINT),
  CAST(sum(CASE WHEN status >= 500 THEN count ELSE 0 END) AS BIGINT),
  CAST(sum(sum_us) AS BIGINT), max(max_us), CAST(string_agg(buckets, '') AS BLOB)
FROM {table} WHERE {unit} >= ? AND {unit} < ?{conditions} GROUP BY 1
"""
# Without GROUP BY nothing is sorted: half the time. HAVING leaves out the row of an empty sum.
_CELLS_OF_ONE_KEY = _CELLS.replace("GROUP BY 1", "HAVING count(*) > 0")
_ENTRIES = """
SELECT {key}, latency_us, count(*), sum(CASE WHEN status >= 500 THEN 1 ELSE 0 END)
FROM entries WHERE (time_us, seq) >= (?, ?) AND (time_us, seq) < (?, ?){conditions} GROUP BY 1, 2
"""
_ENTRY_AFTER_SOME = """
SELECT time_us, seq FROM entries WHERE (time_us, seq) >= (?, ?) AND (time_us, seq) < (?, ?)
ORDER BY time_us, seq LIMIT 1 OFFSET ?
"""
_SPAN = "SELECT (SELECT min({unit}) FROM {table}), (SELECT max({unit}) FROM {table})"
_FIRST_ENTRY = "SELECT min(time_us) FROM entries"
_FIRST_BLOCK = "SELECT min(first_us) FROM blocks"
_DROPPED = (
    "SELECT CAST(coalesce(sum(count), 0) AS BIGINT) FROM drops WHERE minute >= ? AND minute < ?"
)
_NAMES = "SELECT id, {column} FROM series"
_COMPLETE_FROM = "SELECT hours_from, days_from FROM log"

_FAILED = 500
_KEYS = {
    None: "0",
    "route": "series",
    "facade": "series",
    "status": "(status / 100) || 'xx'",
    "time": "{s}",
}
_KEY_OF_ENTRY = "time_us / 1000000 / {step_s} * {step_s}"


def add_up(
    files: Sequence[Log], filters: Filters, by: By | None, axis: Axis | None
) -> tuple[Tallies, int]:
    """Add up several logs, each as of one moment; give how many entries they had dropped, too.

    Keys are as ``by`` says: routes, facades, classes of status (2xx), or (with an axis) the second
    at which a group of time begins.
    """
    tallies, dropped = Tallies(), 0
    for file in files:
        with file.snapshot() as log:
            if log is not None:
                source = _Source(log, filters, by, axis)
                source.add_to(tallies)
                dropped += source.dropped()
    return tallies, dropped


def range_of(files: Sequence[Log], filters: Filters, now_us: int) -> tuple[int | None, int]:
    """Give the range asked for: without limits from the first moment known of until now."""
    from_us = filters.from_us
    if from_us is None:
        from_us = min(_each(files, _earliest_in), default=None)
    return from_us, now_us if filters.to_us is None else filters.to_us


def axis_over(
    files: Sequence[Log],
    from_us: int | None,
    to_us: int,
    step_s: int | None,
    groups_max: int = limits.LOG_TIME_BUCKETS_MAX,
) -> Axis:
    """Make the axis of a range; a step that is not asked for is no finer than what is known.

    Raises ClientelaError ``bad-parameter`` when the step is too fine for the time.
    """
    start_us = to_us if from_us is None else from_us
    finest_s = max(_each(files, lambda log: _finest_in(log, start_us)), default=1)
    return axis_of(start_us, to_us, step_s, finest_s=finest_s, groups_max=groups_max)


_Found = TypeVar("_Found")


def _each(files: Sequence[Log], ask: Callable[[Snapshot], _Found | None]) -> list[_Found]:
    found = []
    for file in files:
        with file.snapshot() as log:
            answer = None if log is None else ask(log)
            if answer is not None:
                found.append(answer)
    return found


def _earliest_in(log: Snapshot) -> int | None:
    tables = [_FIRST_ENTRY, _FIRST_BLOCK] if log.has_blocks else [_FIRST_ENTRY]
    found = [next(log.connection.execute(sql))[0] for sql in tables]
    earliest_us = min((first for first in found if first is not None), default=None)
    for level in log.levels:
        first, _ = _span(log.connection, level)
        # Of one unit the finer level knows better where it began.
        if first is not None and (earliest_us is None or earliest_us // level.width_us > first):
            earliest_us = first * level.width_us
    return earliest_us


def _finest_in(log: Snapshot, from_us: int) -> int:
    finest, begins_us = 1, None
    for level in log.levels:
        first, _ = _span(log.connection, level)
        if first is None:
            continue
        if begins_us is not None and from_us < begins_us and begins_us // level.width_us > first:
            finest = level.width_s
        begins_us = first * level.width_us
    return finest


def _span(connection: Connection, level: Level) -> tuple[int | None, int | None]:
    first, last = next(connection.execute(_SPAN.format(table=level.table, unit=level.unit)))
    return first, last


class _Source:
    """One log at one moment, and the question that is put to it."""

    def __init__(self, log: Snapshot, filters: Filters, by: By | None, axis: Axis | None) -> None:
        self._connection = connection = log.connection
        self._levels = log.levels
        self._selection = Selection(log, filters)
        self._filters = filters
        self._by = by
        self._step_s = axis.step_s if axis else None
        self._conditions, self._bindings = filters.conditions()
        self._named = by in ("route", "facade")
        self._names = dict(connection.execute(_NAMES.format(column=by))) if self._named else {}

    def add_to(self, tallies: Tallies) -> None:
        """Add everything up."""
        levels = list(self._usable())
        for part in split(self._filters.start_us, self._filters.end_us, levels):
            if part.level is None:
                for latencies in self._rows(part):
                    tallies.add_latencies(self._renamed(latencies))
                for columns in self._columns(part):
                    tallies.add_columns(*columns, key_of=self._key)
            else:
                for cells in self._cells(part, part.level):
                    tallies.add_cells(self._renamed(cells))

    def _usable(self) -> Iterator[tuple[Level, int]]:
        """Give the levels that can answer, widest first, and from which unit on each can."""
        if not self._filters.answered_by_histograms:
            return
        levels = self._levels
        complete_from = (0,)
        if len(levels) > 1:
            complete_from = (0, *next(self._connection.execute(_COMPLETE_FROM)))
        for level, first in reversed(list(zip(levels, complete_from, strict=True))):
            if self._step_s is None or self._step_s % level.width_s == 0:
                yield level, first

    def _cells(self, part: Part, level: Level) -> Iterator[_Rows]:
        """Read histograms, joined by key, a bounded number of them at a time."""
        first, last = _span(self._connection, level)
        if first is None or last is None:
            return
        known = Part(level, max(part.first, first), min(part.last, last + 1))
        template = _CELLS if self._named or self._by == "status" else _CELLS_OF_ONE_KEY
        for group_s, *span in cut(known, level, self._step_s):
            key = _KEYS[self._by].format(s=group_s)
            named = {"table": level.table, "unit": level.unit, "conditions": self._conditions}
            sql = template.format(key=key, **named)
            yield self._connection.execute(sql, (*span, *self._bindings))

    def _rows(self, part: Part) -> Iterator[_Rows]:
        """Read latencies, counted by key, a bounded number of entries at a time."""
        key = _KEY_OF_ENTRY if self._by == "time" else _KEYS[self._by]
        key = key.format(step_s=self._step_s)
        sql = _ENTRIES.format(key=key, conditions=self._conditions)
        start, end = (part.first, -1), (part.last, -1)
        while start < end:
            some = (*start, *end, limits.LOG_SCAN_ENTRIES)
            stop = next(self._connection.execute(_ENTRY_AFTER_SOME, some), end)
            yield self._connection.execute(sql, (*start, *stop, *self._bindings))
            start = stop

    def _columns(self, part: Part) -> Iterator[tuple[Column, Column, NDArray[np.bool_]]]:
        """Read numbers of keys, latencies, and which requests failed, block by block."""
        for _, block in self._selection.blocks(part.first, part.last, "asc"):
            places = self._selection.places(block, (part.first, -1), (part.last, -1))
            if len(places):
                failed = block.column("status", places) >= _FAILED
                yield self._numbers(block, places), block.column("latency_us", places), failed

    def _numbers(self, block: Block, places: NDArray[np.intp]) -> Column:
        if self._named:
            return block.column("series", places)
        if self._by == "status":
            return block.column("status", places) // 100
        if self._step_s is not None:
            return block.time_us[places] // 1_000_000 // self._step_s * self._step_s
        return np.zeros(len(places), dtype=np.int64)

    def _key(self, number: int) -> Any:
        if self._named:
            return self._names[number]
        return f"{number}xx" if self._by == "status" else number

    def _renamed(self, rows: _Rows) -> _Rows:
        if not self._named:
            return rows
        return ((self._names[series], *rest) for series, *rest in rows)

    def dropped(self) -> int:
        """Count what the log had to drop in the time asked for, by whole minutes."""
        first, last = self._filters.start_us // MINUTE_US, -(-self._filters.end_us // MINUTE_US)
        return int(next(self._connection.execute(_DROPPED, (first, last)))[0])
