"""Requests in numbers over any range: whole minutes from histograms, the rest from entries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import apsw
import msgspec

from clientela import limits
from clientela.log_facade.axis import MINUTE_S, Axis, axis_of
from clientela.log_facade.files import LogFile
from clientela.log_facade.filters import Filters
from clientela.log_facade.shapes import LogGroup, LogSummary
from clientela.log_facade.store import MINUTE_US
from clientela.log_facade.tally import Tallies, Tally
from clientela.log_facade.times import format_time

By = Literal["route", "facade", "status", "time"]
_Span = tuple[int, int]

_KEYS = {None: "''", "route": "route", "facade": "facade", "status": "status / 100"}
_KEY_OF_MINUTE = "minute * 60 / {step_s} * {step_s}"
_KEY_OF_ENTRY = "time_us / 1000000 / {step_s} * {step_s}"

# group_concat joins the blobs byte by byte; that is all that merging takes.
_MINUTES = """
SELECT {key}, sum(count), sum(iif(status >= 500, count, 0)), sum(sum_us), max(max_us),
  CAST(group_concat(buckets, '') AS BLOB)
FROM minutes CROSS JOIN series ON series.id = minutes.series
WHERE minute >= ? AND minute < ?{conditions} GROUP BY 1
"""
_ENTRIES = """
SELECT {key}, latency_us, count(*), sum(status >= 500)
FROM entries CROSS JOIN series ON series.id = entries.series
WHERE (time_us, seq) >= (?, ?) AND (time_us, seq) < (?, ?){conditions} GROUP BY 1, 2
"""
_ENTRY_AFTER_SOME = """
SELECT time_us, seq FROM entries WHERE (time_us, seq) >= (?, ?) AND (time_us, seq) < (?, ?)
ORDER BY time_us, seq LIMIT 1 OFFSET ?
"""
_MINUTES_SPAN = "SELECT (SELECT min(minute) FROM minutes), (SELECT max(minute) FROM minutes)"
_FIRST_ENTRY = "SELECT min(time_us) FROM entries"
_DROPPED = "SELECT coalesce(sum(count), 0) FROM drops WHERE minute >= ? AND minute < ?"


@dataclass(frozen=True, slots=True)
class SummaryOf:
    """Which summary: ``step_s`` is the width of a group by time, in seconds."""

    filters: Filters
    by: By | None
    step_s: int | None
    now_us: int


def read_summary(files: Sequence[LogFile], asked: SummaryOf, *, dropped: int = 0) -> LogSummary:
    """Add up what the logs hold; ``dropped`` are those that no log knows of yet.

    Raises ClientelaError ``bad-parameter`` when the step is too fine for the time.
    """
    from_us, to_us = asked.filters.from_us, asked.filters.to_us
    if from_us is None:
        from_us = _earliest(files)
    if to_us is None:
        to_us = asked.now_us
    axis = None
    if asked.by == "time":
        axis = axis_of(to_us if from_us is None else from_us, to_us, asked.step_s)
    tallies = Tallies()
    for file in files:
        dropped += _add_file(file, asked, axis, tallies)
    total = tallies.total()
    groups = msgspec.UNSET if asked.by is None else _grouped(asked.by, axis, tallies)
    return LogSummary(
        None if from_us is None else format_time(from_us),
        format_time(to_us),
        total.count,
        total.errors,
        total.error_rate,
        total.latencies(),
        dropped,
        groups,
    )


def _grouped(by: By, axis: Axis | None, tallies: Tallies) -> list[LogGroup]:
    # An empty group of time says that there was nothing then.
    keys = {*tallies, *(axis.starts_s() if axis else ())}
    return [_group(by, key, tallies.get(key) or Tally()) for key in sorted(keys)]


def _group(by: By, key: Any, tally: Tally) -> LogGroup:
    if by == "status":
        key = f"{key}xx"
    elif by == "time":
        key = format_time(key * 1_000_000)
    return LogGroup(key, tally.count, tally.errors, tally.error_rate, tally.latencies())


def _earliest(files: Sequence[LogFile]) -> int | None:
    found = []
    for file in files:
        with file.snapshot() as opened:
            if opened is not None:
                found.append(_earliest_in(opened[0]))
    return min((moment for moment in found if moment is not None), default=None)


def _earliest_in(connection: apsw.Connection) -> int | None:
    """Give the first moment known: minutes are kept for longer than entries."""
    minute, _ = next(connection.execute(_MINUTES_SPAN))
    entry = next(connection.execute(_FIRST_ENTRY))[0]
    if minute is None or (entry is not None and entry // MINUTE_US <= minute):
        return None if entry is None else int(entry)
    return int(minute) * MINUTE_US


def _add_file(file: LogFile, asked: SummaryOf, axis: Axis | None, tallies: Tallies) -> int:
    """Add one log up, as of one moment; give how many entries it had dropped."""
    with file.snapshot() as opened:
        if opened is None:
            return 0
        source = _Source(opened[0], asked, axis)
        minutes, *rests = source.spans()
        for span in _days(source.known(minutes)):
            tallies.add_minutes(source.minutes(span))
        for span in rests:
            for rows in source.entries(span):
                tallies.add_latencies(rows)
        return source.dropped()


def _days(span: _Span) -> Iterator[_Span]:
    step = limits.LOG_SCAN_MINUTES
    for start in range(*span, step):
        yield start, min(start + step, span[1])


class _Source:
    """One log at one moment, and the question that is put to it."""

    def __init__(self, connection: apsw.Connection, asked: SummaryOf, axis: Axis | None) -> None:
        self._connection = connection
        self._filters = asked.filters
        self._step_s = axis.step_s if axis else None
        self._by = asked.by
        self._conditions, self._bindings = asked.filters.conditions()

    def spans(self) -> list[_Span]:
        """Give the whole minutes (in minutes), then what is left of the time (in microseconds)."""
        start_us, end_us = self._filters.start_us, self._filters.end_us
        first, last = -(-start_us // MINUTE_US), end_us // MINUTE_US
        fine = self._step_s is not None and self._step_s % MINUTE_S != 0
        if fine or first >= last or not self._filters.answered_by_minutes:
            return [(0, 0), (start_us, end_us)]
        return [(first, last), (start_us, first * MINUTE_US), (last * MINUTE_US, end_us)]

    def known(self, minutes: _Span) -> _Span:
        """Cut a span of minutes to those that the log has."""
        first, last = next(self._connection.execute(_MINUTES_SPAN))
        if first is None:
            return (0, 0)
        return max(minutes[0], first), min(minutes[1], last + 1)

    def minutes(self, span: _Span) -> Iterator[tuple[Any, ...]]:
        """Read histograms, joined by key."""
        sql = _MINUTES.format(key=self._key(_KEY_OF_MINUTE), conditions=self._conditions)
        return self._connection.execute(sql, (*span, *self._bindings))

    def entries(self, span: _Span) -> Iterator[Iterator[tuple[Any, ...]]]:
        """Read latencies, counted by key, a bounded number of entries at a time."""
        sql = _ENTRIES.format(key=self._key(_KEY_OF_ENTRY), conditions=self._conditions)
        start, end = (span[0], -1), (span[1], -1)
        while start < end:
            some = (*start, *end, limits.LOG_SCAN_ENTRIES)
            stop = next(self._connection.execute(_ENTRY_AFTER_SOME, some), end)
            yield self._connection.execute(sql, (*start, *stop, *self._bindings))
            start = stop

    def dropped(self) -> int:
        """Count what the log had to drop in the time asked for, by whole minutes."""
        first, last = self._filters.start_us // MINUTE_US, -(-self._filters.end_us // MINUTE_US)
        return int(next(self._connection.execute(_DROPPED, (first, last)))[0])

    def _key(self, of_time: str) -> str:
        return of_time.format(step_s=self._step_s) if self._by == "time" else _KEYS[self._by]
