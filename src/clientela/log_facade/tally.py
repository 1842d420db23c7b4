"""Adding up requests: counts, sums and histograms by a key."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clientela.log_facade import histogram
from clientela.log_facade.batch import Column, distinct
from clientela.log_facade.shapes import Latencies, Percentiles

Summed = tuple[int, int, int, histogram.Counts]
"""Count, sum and maximum (microseconds), and the histogram."""

_FRACTIONS = (0.5, 0.75, 0.9, 0.95, 0.99, 0.999)
_FEW_FRACTIONS = (0.5, 0.95, 0.99)


def sums(places: Column, groups: int, latencies_us: Column) -> Iterator[Summed]:
    """Add up latencies by the group (0 ≤ place < ``groups``) that each is in."""
    counts = np.bincount(places, minlength=groups)
    sums_us, maxima_us = np.zeros((2, groups), dtype=np.int64)
    np.add.at(sums_us, places, latencies_us)
    np.maximum.at(maxima_us, places, latencies_us)
    slots = histogram.by_group(places, groups, latencies_us)
    return zip(counts.tolist(), sums_us.tolist(), maxima_us.tolist(), slots, strict=True)


class Tally:
    """Requests that were added up; latencies in microseconds."""

    __slots__ = ("count", "errors", "max_us", "slots", "sum_us")

    def __init__(self) -> None:
        self.count = 0
        self.errors = 0
        self.sum_us = 0
        self.max_us = 0
        self.slots = histogram.empty()

    def add(
        self, count: int, errors: int, sum_us: int, max_us: int, slots: histogram.Counts
    ) -> None:
        """Add requests that were added up elsewhere."""
        self.count += count
        self.errors += errors
        self.sum_us += sum_us
        self.max_us = max(self.max_us, max_us)
        self.slots += slots

    def merge(self, other: "Tally") -> None:
        """Add another tally."""
        self.add(other.count, other.errors, other.sum_us, other.max_us, other.slots)

    @property
    def error_rate(self) -> float:
        """Give the part of the requests that failed, 0 to 1."""
        return self.errors / self.count if self.count else 0.0

    def latencies(self) -> Latencies | None:
        """Give the percentiles; None for no requests."""
        if self.count == 0:
            return None
        p50, p75, p90, p95, p99, p99_9 = self._quantiles(_FRACTIONS)
        mean = round(self.sum_us / self.count, 2)
        return Latencies(p50, p75, p90, p95, p99, p99_9, self.max_us, mean)

    def percentiles(self) -> Percentiles | None:
        """Give the few that are drawn and compared; None for no requests."""
        if self.count == 0:
            return None
        return Percentiles(*self._quantiles(_FEW_FRACTIONS))

    def _quantiles(self, fractions: Sequence[float]) -> list[float]:
        found = histogram.quantiles(self.slots, fractions)
        return [round(min(value, self.max_us), 2) for value in found]


class Tallies(defaultdict[Any, Tally]):
    """Tallies by key."""

    def __init__(self) -> None:
        super().__init__(Tally)

    def add_cells(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add rows of key, count, errors, sum, max, joined blobs."""
        for key, count, errors, sum_us, max_us, blobs in rows:
            self[key].add(count, errors, sum_us, max_us, histogram.unpack(blobs))

    def add_latencies(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Add rows of key, latency, how often it occurred, and how often in an error."""
        by_key: defaultdict[Any, list[tuple[int, int, int]]] = defaultdict(list)
        for key, *counted in rows:
            by_key[key].append((counted[0], counted[1], counted[2]))
        for key, found in by_key.items():
            latencies, counts, errors = zip(*found, strict=True)
            sum_us = sum(latency * count for latency, count, _ in found)
            slots = histogram.count(latencies, counts)
            self[key].add(sum(counts), sum(errors), sum_us, max(latencies), slots)

    def add_columns(
        self,
        numbers: Column,
        latencies_us: Column,
        failed: NDArray[np.bool_],
        *,
        key_of: Callable[[int], Any],
    ) -> None:
        """Add requests; each has the number of its key, and is an error if it ``failed``."""
        found, places = distinct(numbers)
        errors = np.bincount(places[failed], minlength=len(found)).tolist()
        summed = sums(places, len(found), latencies_us)
        for number, wrong, one in zip(found.tolist(), errors, summed, strict=True):
            count, sum_us, max_us, slots = one
            self[key_of(number)].add(count, wrong, sum_us, max_us, slots)

    def total(self) -> Tally:
        """Add all keys up."""
        total = Tally()
        for tally in self.values():
            total.merge(tally)
        return total
