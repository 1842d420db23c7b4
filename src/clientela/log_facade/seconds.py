"""The grid of what is exported: buckets of seconds that grow by 2^(1/8).

Prometheus and OpenTelemetry count latencies in seconds, and bounds of their exponential histograms
are powers of two *of that unit*: 2^(i/8) s. Those of ``histogram`` are powers of two of a
microsecond, which lie between them (1 µs is 2^(-159.45/8) s). Counted on this grid, an export is
exact: a Prometheus native histogram of schema 3, an OpenTelemetry one of scale 3.

Slot 0 holds 0 s; slot ``s`` ≥ 1 holds ``2^((i-1)/8) < seconds ≤ 2^(i/8)`` with ``i = s - 1 +
INDEX_MIN``: Prometheus calls that bucket ``i``, OpenTelemetry ``i - 1``.
"""

from collections.abc import Sequence
from math import isqrt

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]

SCALE = 3  # 2^3 buckets in an octave
PER_OCTAVE = 2**SCALE
INDEX_MIN = -159  # the bucket of 1 µs: less is 0 in whole microseconds
INDEX_MAX = 160  # 2^20 s, 12 days: what lasts longer counts there, too
SLOTS = INDEX_MAX - INDEX_MIN + 2

_US = 10**6


def _upper_us(index: int) -> int:
    """Give the greatest whole number of microseconds in a bucket, exactly: ⌊10^6 · 2^(i/8)⌋."""
    eighth_power = _US**PER_OCTAVE
    scaled = eighth_power << index if index >= 0 else eighth_power >> -index
    return isqrt(isqrt(isqrt(scaled)))


_UPPER_US = np.array([0, *map(_upper_us, range(INDEX_MIN, INDEX_MAX + 1))], dtype=np.int64)


def slot_of_index(index: int) -> int:
    """Give the slot of the bucket that Prometheus calls ``index``: its upper bound is 2^(i/8) s."""
    return index - INDEX_MIN + 1


def slots_of(latencies_us: Sequence[int] | Counts) -> Counts:
    """Give the slot of each latency (whole microseconds)."""
    found = np.searchsorted(_UPPER_US, np.asarray(latencies_us, dtype=np.int64), side="left")
    return np.minimum(found, SLOTS - 1)
