"""Quantiles of heavy-tailed latencies, beside the exact ones and two independent sketches."""

from math import ceil

import numpy as np
import pytest
from ddsketch import DDSketch
from hdrh.histogram import HdrHistogram
from hypothesis import given
from hypothesis import strategies as st

from clientela.log_facade import histogram

ERROR_MAX = 0.044
FRACTIONS = [0.01, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0]
LONGEST_US = 2**40

# Each octave as likely as any other: the mean is far beyond the median, as with real outliers.
heavy_tailed = st.lists(
    st.floats(0, 40).map(lambda octave: int(2**octave)), min_size=1, max_size=400
)


def bimodal(rng, size):
    """Answers from memory, and some that waited for a server."""
    slow = rng.random(size) < 0.05
    return np.where(slow, rng.normal(3e6, 2e5, size), rng.normal(60, 10, size))


SHAPES = {
    "pareto": lambda rng, size: 50 * (1 + rng.pareto(0.9, size)),
    "lognormal": lambda rng, size: rng.lognormal(6, 2.5, size),
    "bimodal": bimodal,
    "one value": lambda _, size: np.full(size, 777),
}


def rank(fraction, size):
    return max(1, ceil(fraction * size))


def by_ddsketch(values, fraction):
    sketch = DDSketch(relative_accuracy=0.001)
    for value in values:
        sketch.add(value)
    # It counts ranks from 0, and rounds down: the middle of a rank is safe from rounding.
    middle = (rank(fraction, len(values)) - 0.5) / max(1, len(values) - 1)
    return sketch.get_quantile_value(min(1, middle))


def by_hdrhistogram(values, fraction):
    sketch = HdrHistogram(1, LONGEST_US, 3)
    for value in values:
        sketch.record_value(int(value))
    return sketch.get_value_at_percentile(100 * rank(fraction, len(values)) / len(values))


@given(heavy_tailed)
def test_heavy_tails_are_within_their_error_of_the_exact_quantiles(values):
    estimates = histogram.quantiles(histogram.count(values), FRACTIONS)

    ordered = sorted(values)
    exact = [ordered[rank(fraction, len(values)) - 1] for fraction in FRACTIONS]
    assert np.abs(np.array(estimates) / exact - 1).max() <= ERROR_MAX


@given(st.lists(heavy_tailed, min_size=1, max_size=6))
def test_merging_loses_no_accuracy(parts):
    blobs = b"".join(histogram.pack(histogram.count(part)) for part in parts)
    values = sorted(value for part in parts for value in part)
    estimates = histogram.quantiles(histogram.unpack(blobs), FRACTIONS)

    exact = [values[rank(fraction, len(values)) - 1] for fraction in FRACTIONS]
    assert np.abs(np.array(estimates) / exact - 1).max() <= ERROR_MAX


@pytest.mark.parametrize("oracle", [by_ddsketch, by_hdrhistogram])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [1, 10, 3_000])
def test_other_sketches_agree(oracle, shape, size):
    values = SHAPES[shape](np.random.default_rng(size), size)
    values = np.clip(values, 1, LONGEST_US - 1).astype(np.int64)
    estimates = histogram.quantiles(histogram.count(values), FRACTIONS)

    # Their own error, 0.1 %, comes on top.
    for fraction, estimate in zip(FRACTIONS, estimates, strict=True):
        assert estimate == pytest.approx(oracle(values, fraction), rel=ERROR_MAX + 0.003)
