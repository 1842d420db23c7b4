"""Requests as columns: what the writing thread works on, thousands at a time.

A column is one array of numbers: a few calls of numpy do what a loop over entries would, and leave
the interpreter to the requests meanwhile.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clientela.log_facade.levels import MINUTE_US
from clientela.log_facade.names import Vocabulary

Column = NDArray[np.int64]

UNKNOWN = -1
"""In a column of what a host may not know, and in a part that a request did not have."""

Traces = NDArray[np.uint64]
"""Two numbers for each: the first and the last 8 bytes, as they lie in memory."""

_TABLE_MAX = 2**17  # 1 MB, in the processor's cache
_NUMBERS = ("time_us", "status", "latency_us", "body_bytes")
_COLUMNS = (*_NUMBERS, "series", "lag_ms", "outbox", "error", "trace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Requests, one in each place of the columns; see ``Record`` for what they mean."""

    vocabulary: Vocabulary
    time_us: Column
    series: Column  # a number of vocabulary.series
    status: Column
    latency_us: Column
    parts_us: dict[str, Column]  # by name
    body_bytes: Column
    trace: Traces  # zeros where no caller gave one
    lag_ms: Column
    outbox: Column
    error: Column  # a number of vocabulary.errors

    def __len__(self) -> int:
        """Say how many requests they are."""
        return len(self.time_us)

    def take(self, places: "slice | NDArray[np.intp]") -> "Batch":
        """Give the requests in these places, in this order."""
        columns: dict[str, Any] = {name: getattr(self, name)[places] for name in _COLUMNS}
        parts_us = {name: column[places] for name, column in self.parts_us.items()}
        return Batch(vocabulary=self.vocabulary, parts_us=parts_us, **columns)

    def by_time(self) -> "Batch":
        """Give them in the order of time, and of arrival within a microsecond."""
        if bool((self.time_us[1:] >= self.time_us[:-1]).all()):
            return self
        return self.take(np.argsort(self.time_us, kind="stable"))

    def minutes(self) -> Iterator[tuple[int, "Batch"]]:
        """Cut what is in the order of time at each minute; give the minute (since 1970), too."""
        minutes = self.time_us // MINUTE_US
        starts = (np.flatnonzero(np.diff(minutes)) + 1).tolist()
        for start, end in pairwise([0, *starts, len(self)] if len(self) else []):
            yield int(minutes[start]), self.take(slice(start, end))

    @classmethod
    def join(cls, batches: Sequence["Batch"]) -> "Batch":
        """Put batches of one vocabulary, one at least, one behind the other."""
        if len(batches) == 1:
            return batches[0]
        columns: dict[str, Any] = {
            name: np.concatenate([getattr(batch, name) for batch in batches]) for name in _COLUMNS
        }
        names = dict.fromkeys(name for batch in batches for name in batch.parts_us)
        parts_us = {
            name: np.concatenate(
                [batch.parts_us.get(name, np.full(len(batch), UNKNOWN)) for batch in batches]
            )
            for name in names
        }
        return cls(vocabulary=batches[0].vocabulary, parts_us=parts_us, **columns)


def distinct(column: Column) -> tuple[Column, Column]:
    """Give the numbers that occur, ascending, and which of them stands in each place."""
    least = column.min()
    more = column - least
    most = int(more.max())
    if not 0 <= most < _TABLE_MAX:
        return np.unique(column, return_inverse=True)
    # A table instead of sorting: a tenth of the time, and nearly all columns are of this kind.
    numbers = np.zeros(most + 1, dtype=np.int64)
    numbers[more] = 1
    found = np.flatnonzero(numbers)
    numbers[found] = np.arange(len(found))
    return found + least, numbers[more]


def by_kind(series: Column, status: Column) -> tuple[list[tuple[int, int]], Column]:
    """Give the series and statuses that occur together, and which of them each request is."""
    least, statuses = int(status.min()), int(status.max() - status.min()) + 1
    found, places = distinct(series * statuses + (status - least))
    kinds = (divmod(kind, statuses) for kind in found.tolist())
    return [(number, status + least) for number, status in kinds], places


def traces_of(joined: bytes) -> Traces:
    """Read trace ids, 16 bytes each."""
    return np.frombuffer(joined, dtype=np.uint64).reshape(-1, 2)
