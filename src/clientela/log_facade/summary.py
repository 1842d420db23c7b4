"""Requests in numbers: a whole, and by route, facade, status or time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from clientela.log_facade.axis import Axis
from clientela.log_facade.filters import Filters
from clientela.log_facade.logs import Log
from clientela.log_facade.shapes import LogGroup, LogSummary
from clientela.log_facade.sums import By, add_up, axis_over, range_of
from clientela.log_facade.tally import Tallies, Tally
from clientela.log_facade.times import format_time


@dataclass(frozen=True, slots=True)
class SummaryOf:
    """Which summary: ``step_s`` is the width of a group by time, in seconds."""

    filters: Filters
    by: By | None
    step_s: int | None
    now_us: int


def read_summary(files: Sequence[Log], asked: SummaryOf, *, dropped: int = 0) -> LogSummary:
    """Add up what the logs hold; ``dropped`` are those that no log knows of yet.

    Raises ClientelaError ``bad-parameter`` when the step is too fine for the time.
    """
    from_us, to_us = range_of(files, asked.filters, asked.now_us)
    axis = None
    if asked.by == "time":
        axis = axis_over(files, from_us, to_us, asked.step_s)
    tallies, dropped_known = add_up(files, asked.filters, asked.by, axis)
    total = tallies.total()
    groups = msgspec.UNSET if asked.by is None else _grouped(asked.by, axis, tallies)
    return LogSummary(
        None if from_us is None else format_time(from_us),
        format_time(to_us),
        total.count,
        total.errors,
        total.error_rate,
        total.latencies(),
        dropped + dropped_known,
        groups,
    )


def _grouped(by: By, axis: Axis | None, tallies: Tallies) -> list[LogGroup]:
    # An empty group of time says that there was nothing then.
    keys = {*tallies, *(axis.starts_s() if axis else ())}
    return [_group(by, key, tallies.get(key) or Tally()) for key in sorted(keys)]


def _group(by: By, key: Any, tally: Tally) -> LogGroup:
    if by == "time":
        key = format_time(key * 1_000_000)
    return LogGroup(key, tally.count, tally.errors, tally.error_rate, tally.latencies())
