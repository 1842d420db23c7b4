"""Medians, percentiles and ratios of what was measured in rounds."""

import math
import statistics
from collections.abc import Sequence


def percentile(values: Sequence[float], percent: float) -> float:
    """Give the smallest value that so many percent do not exceed (nearest rank)."""
    ordered = sorted(values)
    rank = math.ceil(len(ordered) * percent / 100)
    return ordered[max(0, min(len(ordered), rank) - 1)]


def median(values: Sequence[float]) -> float:
    """Give the middle one."""
    return statistics.median(values)


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Give how many times theirs ours is: the median of the rounds' ratios.

    A round measures both one soon after the other, so what slows the machine down for a while slows
    both. (A round that failed shifts the pairs; then the run tells that something was wrong.)
    """
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=False))
