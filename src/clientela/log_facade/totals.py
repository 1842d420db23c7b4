"""Requests added up since the start of the process: what Prometheus and OpenTelemetry are told."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from clientela import limits
from clientela.log_facade import seconds
from clientela.log_facade.batch import Batch, by_kind
from clientela.log_facade.names import OTHER_ROUTE

_SERIES_AT_FIRST = 64


class Series(NamedTuple):
    """What requests have in common to be counted together."""

    facade: str
    method: str
    route: str
    status: int


@dataclass(frozen=True, slots=True)
class Total:
    """The requests of one series; ``counts`` by slot of ``seconds``."""

    series: Series
    counts: seconds.Counts
    sum_us: int

    @property
    def count(self) -> int:
        """Say how many requests they are."""
        return int(self.counts.sum())


class Totals:
    """A listener of the recorder: hears batches in one thread, may be read in any.

    It holds at most ``series_max`` series, 2.6 kB each; beyond that, new routes are the route
    "other". ``started_ns`` is since when it counts: nanoseconds since 1970.
    """

    def __init__(
        self,
        *,
        series_max: int = limits.LOG_SERIES_MAX,
        wall_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self.started_ns = wall_ns()
        self._series_max = series_max
        self._rows: dict[Series, int] = {}
        self._counts = np.zeros((_SERIES_AT_FIRST, seconds.SLOTS), dtype=np.int64)
        self._sums_us = np.zeros(_SERIES_AT_FIRST, dtype=np.int64)
        self._lock = threading.Lock()

    def __call__(self, batch: Batch) -> None:
        """Add a batch."""
        slots = seconds.slots_of(batch.latency_us)
        kinds, places = by_kind(batch.series, batch.status)
        found = [Series(*batch.vocabulary.series[number], status) for number, status in kinds]
        with self._lock:
            rows = np.array([self._row(series) for series in found])[places]
            np.add.at(self._counts.reshape(-1), rows * seconds.SLOTS + slots, 1)
            np.add.at(self._sums_us, rows, batch.latency_us)

    def read(self) -> list[Total]:
        """Give every series, in the order in which they appeared."""
        with self._lock:
            counts = self._counts[: len(self._rows)].copy()
            sums_us = self._sums_us[: len(self._rows)].tolist()
            found = list(self._rows)
        return [Total(*total) for total in zip(found, counts, sums_us, strict=True)]

    def _row(self, series: Series) -> int:
        if series in self._rows:
            return self._rows[series]
        if len(self._rows) >= self._series_max:
            series = series._replace(route=OTHER_ROUTE)
            if series in self._rows:
                return self._rows[series]
        row = self._rows[series] = len(self._rows)
        if row == len(self._counts):
            self._counts = np.vstack([self._counts, np.zeros_like(self._counts)])
            self._sums_us = np.concatenate([self._sums_us, np.zeros_like(self._sums_us)])
        return row
