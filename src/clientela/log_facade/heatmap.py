"""Requests by time and latency: the histograms themselves, side by side, for a chart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clientela import limits
from clientela.log_facade import histogram
from clientela.log_facade.filters import Filters
from clientela.log_facade.logs import Log
from clientela.log_facade.shapes import HeatmapColumn, LogHeatmap
from clientela.log_facade.sums import add_up, axis_over, range_of
from clientela.log_facade.tally import Tally
from clientela.log_facade.times import format_time


@dataclass(frozen=True, slots=True)
class HeatmapOf:
    """Which heatmap: ``rows_per_octave`` is 1, 2, 4 or 8, the latter as fine as it is kept."""

    filters: Filters
    step_s: int | None
    rows_per_octave: int
    now_us: int


def read_heatmap(files: Sequence[Log], asked: HeatmapOf) -> LogHeatmap:
    """Count requests by column and row.

    Raises ClientelaError ``bad-parameter`` when the step would make too many columns.
    """
    from_us, to_us = range_of(files, asked.filters, asked.now_us)
    axis = axis_over(files, from_us, to_us, asked.step_s, limits.LOG_HEATMAP_COLUMNS_MAX)
    found, _ = add_up(files, asked.filters, "time", axis)
    starts_s = axis.starts_s()
    tallies = [found.get(start_s) or Tally() for start_s in starts_s]
    bounds_us, cells = _rows(tallies, asked.rows_per_octave)
    columns = [
        HeatmapColumn(format_time(start_s * 1_000_000), tally.count, row, tally.percentiles())
        for start_s, tally, row in zip(starts_s, tallies, cells, strict=True)
    ]
    return LogHeatmap(
        None if from_us is None else format_time(from_us),
        format_time(to_us),
        axis.step_s,
        asked.rows_per_octave,
        bounds_us,
        columns,
    )


def _rows(tallies: Sequence[Tally], per_octave: int) -> tuple[list[float], list[list[int]]]:
    """Give the upper bounds of the rows that occur, and their counts by column."""
    slots = np.array([histogram.empty(), *(tally.slots for tally in tallies)])
    rows = histogram.rows(slots, per_octave)[1:]
    occurring = np.flatnonzero(rows.any(axis=0))
    if not len(occurring):
        return [], [[] for _ in tallies]
    first, last = int(occurring[0]), int(occurring[-1]) + 1
    bounds_us = [round(histogram.row_bound_us(row, per_octave), 2) for row in range(first, last)]
    return bounds_us, rows[:, first:last].tolist()
