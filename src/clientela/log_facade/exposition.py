"""Totals as Prometheus families: classic histograms for all, native ones for who can read them.

Classic bounds are whole octaves of seconds, 2^-14 s (61 µs) to 2^4 s (16 s). Each is a bound of the
grid, so their counts are exact; each is a short sum of powers of two, so that no two programs write
it differently; a local read of tens of microseconds lies below the first, and what lasts longer
than the last has been given up by its caller.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
from prometheus_client import Metric
from prometheus_client.samples import BucketSpan, NativeHistogram

from clientela.log_facade import seconds
from clientela.log_facade.totals import Total

OCTAVES = range(-14, 5)
_GAP_MAX = 2  # empty buckets written out rather than begun anew behind: a span costs about as much

_SLOTS = [seconds.slot_of_index(octave * seconds.PER_OCTAVE) for octave in OCTAVES]
_BOUNDS = [repr(2.0**octave) for octave in OCTAVES]


class Measured:
    """Requests of one set of labels, or whatever else is measured in seconds."""

    __slots__ = ("counts", "labels", "sum_us")

    def __init__(self, labels: dict[str, str], counts: seconds.Counts, sum_us: float) -> None:
        self.labels = labels
        self.counts = counts
        self.sum_us = sum_us


def by_class(totals: Iterable[Total]) -> list[Measured]:
    """Add up the statuses of each class, "2xx": a scraper keeps every series for months."""
    found: dict[tuple[str, ...], Measured] = {}
    for total in totals:
        facade, method, route, status = total.series
        key = facade, method, route, f"{status // 100}xx"
        if key in found:
            found[key].counts = found[key].counts + total.counts
            found[key].sum_us += total.sum_us
        else:
            labels = dict(zip(("facade", "method", "route", "status"), key, strict=True))
            found[key] = Measured(labels, total.counts, total.sum_us)
    return list(found.values())


def histogram_family(
    name: str, documentation: str, measured: Iterable[Measured], *, native: bool
) -> Metric:
    """Make a family of histograms; ``name`` without its unit, which is seconds."""
    family = Metric(name, documentation, "histogram", "seconds")
    for one in measured:
        (_add_native if native else _add_classic)(family, one)
    return family


def _add_classic(family: Metric, measured: Measured) -> None:
    cumulated = np.cumsum(measured.counts)
    for bound, slot in zip(_BOUNDS, _SLOTS, strict=True):
        labels = {**measured.labels, "le": bound}
        family.add_sample(f"{family.name}_bucket", labels, int(cumulated[slot]))
    count = int(cumulated[-1])
    family.add_sample(f"{family.name}_bucket", {**measured.labels, "le": "+Inf"}, count)
    family.add_sample(f"{family.name}_count", measured.labels, count)
    family.add_sample(f"{family.name}_sum", measured.labels, measured.sum_us / 1e6)


def _add_native(family: Metric, measured: Measured) -> None:
    spans = list(_spans(np.flatnonzero(measured.counts[1:]).tolist()))
    told = [int(n) for start, end in spans for n in measured.counts[1:][start:end]]
    offsets = _offsets(spans)
    value = NativeHistogram(
        count_value=int(measured.counts.sum()),
        sum_value=measured.sum_us / 1e6,
        schema=seconds.SCALE,
        zero_threshold=0.0,  # what is counted there is 0 in whole microseconds
        zero_count=int(measured.counts[0]),
        pos_spans=[
            BucketSpan(offset, end - start)
            for offset, (start, end) in zip(offsets, spans, strict=True)
        ],
        pos_deltas=[after - before for before, after in pairwise([0, *told])],
    )
    family.add_sample(family.name, measured.labels, 0, native_histogram=value)


def _spans(filled: list[int]) -> Iterator[tuple[int, int]]:
    """Join filled buckets to runs, over gaps that are small; a run ends before ``end``."""
    start = end = -1
    for place in filled:
        if start >= 0 and place - end > _GAP_MAX:
            yield start, end
            start = place
        elif start < 0:
            start = place
        end = place + 1
    if start >= 0:
        yield start, end


def _offsets(spans: list[tuple[int, int]]) -> list[int]:
    """Give each run's distance from the end of the one before; of the first, its index."""
    ends = [-seconds.INDEX_MIN, *(end for _, end in spans)]
    return [start - end for (start, _), end in zip(spans, ends, strict=False)]
