"""One window of time against another: what got slower, and by how much."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log2
from typing import Literal

from clientela import limits
from clientela.errors import bad_parameter
from clientela.log_facade.filters import Filters
from clientela.log_facade.logs import Log
from clientela.log_facade.shapes import (
    Compared,
    ComparedGroup,
    LogComparison,
    Percentiles,
    Ratios,
    WindowNumbers,
)
from clientela.log_facade.sums import add_up
from clientela.log_facade.tally import Tallies, Tally
from clientela.log_facade.times import YEAR_1_US, YEAR_9999_US, format_time

ByWhat = Literal["route", "facade", "status"]

Against = tuple[int | None, int | None]
"""Where the other window begins and ends, as far as it is said (microseconds since 1970)."""

_Window = tuple[int, int]


@dataclass(frozen=True, slots=True)
class CompareOf:
    """Which comparison: the filters hold for both windows, their times are those of the first."""

    filters: Filters
    against: Against
    by: ByWhat
    now_us: int


def read_comparison(files: Sequence[Log], asked: CompareOf) -> LogComparison:
    """Compare two windows, group by group; the groups that slowed down the most come first.

    Raises ClientelaError ``bad-parameter`` when a window is empty.
    """
    window, against = _windows(asked)
    now, before = (_tallies(files, asked, each) for each in (window, against))
    groups = [
        ComparedGroup(*_compared(now[key], before[key]), key) for key in sorted({*now, *before})
    ]
    # The more requests, the more it matters; keys are in their order already.
    groups.sort(key=lambda group: (-group.slowdown, -group.now.count))
    total = Compared(*_compared(now.total(), before.total()))
    from_, to, against_from, against_to = map(format_time, (*window, *against))
    return LogComparison(from_, to, against_from, against_to, total, groups)


def _tallies(files: Sequence[Log], asked: CompareOf, window: _Window) -> Tallies:
    filters = replace(asked.filters, from_us=window[0], to_us=window[1])
    return add_up(files, filters, asked.by, None)[0]


def _windows(asked: CompareOf) -> tuple[_Window, _Window]:
    filters = asked.filters
    to_us = asked.now_us if filters.to_us is None else filters.to_us
    from_us = to_us - limits.LOG_COMPARE_S * 1_000_000
    if filters.from_us is not None:
        from_us = filters.from_us
    length_us = to_us - from_us
    against_from_us, against_to_us = asked.against
    if against_to_us is None:
        against_to_us = from_us if against_from_us is None else against_from_us + length_us
    if against_from_us is None:
        against_from_us = against_to_us - length_us
    window, against = (from_us, to_us), (against_from_us, against_to_us)
    for name, (start_us, end_us) in (("from", window), ("against_from", against)):
        end = name.replace("from", "to")
        if start_us >= end_us:
            detail = f"The window from {name} to {end} is empty: {name} must be before {end}."
            raise bad_parameter(name, "order", detail)
        if start_us < YEAR_1_US or end_us > YEAR_9999_US:
            detail = f"The window of the same length is beyond all years: say {name} and {end}."
            raise bad_parameter(name, "range", detail)
    return window, against


def _compared(
    now: Tally, before: Tally
) -> tuple[WindowNumbers, WindowNumbers, Ratios | None, float]:
    left, right = _numbers(now), _numbers(before)
    ratio = None
    if left.latency_us is not None and right.latency_us is not None:
        ratio = _ratio(left.latency_us, right.latency_us)
    return left, right, ratio, _slowdown(ratio, min(now.count, before.count))


def _numbers(tally: Tally) -> WindowNumbers:
    return WindowNumbers(tally.count, tally.errors, tally.error_rate, tally.percentiles())


def _ratio(now: Percentiles, before: Percentiles) -> Ratios:
    # Less than a microsecond is one: there is no ratio to nothing.
    pairs = ((now.p50, before.p50), (now.p95, before.p95), (now.p99, before.p99))
    return Ratios(*(_short(max(1, left) / max(1, right)) for left, right in pairs))


def _slowdown(ratio: Ratios | None, requests: int) -> float:
    """Give one number for all three ratios; ``requests`` is the count of the smaller window.

    It is their geometric mean to the power of requests / (requests + 100): a route with 3 requests
    that took 30 times as long (1.1) comes after one with 10,000 that took 1.2 times as long.
    """
    if ratio is None:
        return 1.0
    octaves = (log2(ratio.p50) + log2(ratio.p95) + log2(ratio.p99)) / 3
    weight = requests / (requests + limits.LOG_COMPARE_HALF_REQUESTS)
    return _short(2 ** (octaves * weight))


def _short(ratio: float) -> float:
    """Give four digits of it, wherever they stand: a ratio is never 0."""
    return float(f"{ratio:.4g}")
