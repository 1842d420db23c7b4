"""The widths of time that have histograms of their own, and how they cover a range.

The same requests are counted by minute, by hour and by day: a range is answered by as few
histograms as possible, and at its edges, within a minute, by entries.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clientela import limits

_SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Level:
    """A table of histograms by a width of time; ``unit`` is its column: how many since 1970."""

    table: str
    unit: str
    width_us: int

    @property
    def width_s(self) -> int:
        """Give the width in seconds."""
        return self.width_us // _SECOND_US


MINUTES = Level("minutes", "minute", 60 * _SECOND_US)
HOURS = Level("hours", "hour", 3_600 * _SECOND_US)
DAYS = Level("days", "day", 86_400 * _SECOND_US)
LEVELS = (MINUTES, HOURS, DAYS)  # the finest first

MINUTE_US = MINUTES.width_us


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a range: ``first`` ≤ unit < ``last`` of a level, or microseconds of entries."""

    level: Level | None
    first: int
    last: int


def split(start_us: int, end_us: int, levels: Sequence[tuple[Level, int]]) -> Iterator[Part]:
    """Cover ``start_us`` ≤ time < ``end_us`` without gap or double, by the widest levels possible.

    ``levels`` come widest first, each with its first unit that is counted in full.
    """
    if start_us >= end_us:
        return
    if not levels:
        yield Part(None, start_us, end_us)
        return
    (level, complete_from), *finer = levels
    first = max(-(-start_us // level.width_us), complete_from)
    last = end_us // level.width_us
    if first >= last:
        yield from split(start_us, end_us, finer)
        return
    yield Part(level, first, last)
    yield from split(start_us, first * level.width_us, finer)
    yield from split(last * level.width_us, end_us, finer)


def cut(part: Part, level: Level, step_s: int | None) -> Iterator[tuple[int, int, int]]:
    """Cut a part of a level into spans of a bounded size: where its group begins (s), units.

    No span crosses a multiple of ``step_s``, which the level's width divides.
    """
    step = limits.LOG_SCAN_UNITS if step_s is None else step_s // level.width_s
    first = part.first
    while first < part.last:
        group = first // step
        last = min((group + 1) * step, part.last, first + limits.LOG_SCAN_UNITS)
        yield group * step * level.width_s, first, last
        first = last
