"""Log-scaled histograms of latencies: buckets that grow by 2^(1/8), merged by adding.

Slot 0 holds 0 µs; slot ``s`` ≥ 1 holds ``2^((s-2)/8) < µs ≤ 2^((s-1)/8)``. These are the buckets of
an OpenTelemetry exponential histogram of scale 3 and of a Prometheus native histogram of schema 3,
shifted by two: their index is ``s - 2``, slot 0 is their zero bucket. An export loses nothing.

A histogram is stored as a blob of its filled slots, each 2 bytes of slot and 4 of count,
little-endian. Blobs are merged by joining them: ``unpack`` adds repeated slots.
"""

from collections.abc import Sequence
from math import ceil, isqrt

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]

_OCTAVES = 40  # up to 2^40 µs, 12 days; longer ones count in the last slot
_PER_OCTAVE = 8
SLOTS = _OCTAVES * _PER_OCTAVE + 2

_PACKED = np.dtype([("slot", "<u2"), ("count", "<u4")])


def _upper_us(slot: int) -> int:
    """Give the greatest whole number of microseconds in a slot, exactly."""
    return 0 if slot == 0 else isqrt(isqrt(isqrt(2 ** (slot - 1))))


_UPPER_US = np.array([_upper_us(slot) for slot in range(SLOTS)], dtype=np.int64)


def _middle_us(slot: int) -> float:
    """Give the value whose relative error against any whole number of the slot is least."""
    low, high = (_upper_us(slot - 1) + 1 if slot else 0), _upper_us(slot)
    return 2 * low * high / (low + high) if high and low <= high else float(high)


_MIDDLE_US = [_middle_us(slot) for slot in range(SLOTS)]


def empty() -> Counts:
    """Make a histogram of nothing."""
    return np.zeros(SLOTS, dtype=np.int64)


def slots_of(latencies_us: Sequence[int] | Counts) -> Counts:
    """Give the slot of each latency (microseconds)."""
    found = np.searchsorted(_UPPER_US, np.asarray(latencies_us, dtype=np.int64), side="left")
    return np.minimum(found, SLOTS - 1)


def count(latencies_us: Sequence[int] | Counts, weights: Sequence[int] | None = None) -> Counts:
    """Count latencies (microseconds) by slot; ``weights`` says how often each occurred."""
    slots = slots_of(latencies_us)
    counted = np.bincount(slots, weights=weights, minlength=SLOTS)
    return counted.astype(np.int64)


def by_group(places: Counts, groups: int, latencies_us: Counts) -> Counts:
    """Count latencies by slot, one line for each group that ``places`` tells of each latency."""
    cells = places * SLOTS + slots_of(latencies_us)
    return np.bincount(cells, minlength=groups * SLOTS).reshape(groups, SLOTS)


def pack(counts: Counts) -> bytes:
    """Write a histogram as a blob of its filled slots."""
    filled = np.flatnonzero(counts)
    packed = np.empty(len(filled), dtype=_PACKED)
    packed["slot"] = filled
    packed["count"] = np.minimum(counts[filled], np.iinfo(np.uint32).max)
    return packed.tobytes()


def unpack(blobs: bytes) -> Counts:
    """Read a blob, or several joined: their sum. Raises ValueError for bytes that are no blob."""
    packed = np.frombuffer(blobs, dtype=_PACKED)
    counted = np.bincount(packed["slot"], weights=packed["count"], minlength=SLOTS)
    if len(counted) > SLOTS:
        raise ValueError(f"slot {len(counted) - 1} is beyond the last, {SLOTS - 1}")
    return counted.astype(np.int64)


def merged(*blobs: bytes) -> bytes:
    """Write one blob in place of several: the sum of their histograms."""
    return pack(unpack(b"".join(blobs)))


def rows(counts: Counts, per_octave: int) -> Counts:
    """Merge slots, exactly, into ``per_octave`` (a divisor of 8) rows for each doubling of time.

    Row ``k`` holds latencies of up to ``row_bound_us(k, per_octave)``, beyond those of row k - 1;
    row 0 also holds 0 µs. ``counts`` may be several histograms, one in each line.
    """
    width = _PER_OCTAVE // per_octave
    starts = [0, *range(2, SLOTS, width)]
    merged: Counts = np.add.reduceat(counts, starts, axis=-1)
    return merged


def row_bound_us(row: int, per_octave: int) -> float:
    """Give the upper bound of a row, in microseconds."""
    return float(2 ** (row / per_octave))


def quantiles(counts: Counts, fractions: Sequence[float]) -> list[float]:
    """Estimate quantiles (microseconds, nearest rank); at most 4.4 % away from the exact ones.

    Raises ValueError when the histogram is empty.
    """
    cumulated = np.cumsum(counts)
    total = int(cumulated[-1])
    if total == 0:
        raise ValueError("an empty histogram has no quantiles")
    ranks = [max(1, ceil(fraction * total)) for fraction in fractions]
    return [_MIDDLE_US[slot] for slot in np.searchsorted(cumulated, ranks, side="left")]
