from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.log_facade import histogram

ERROR_MAX = 0.044
FRACTIONS = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0]

latencies = st.lists(
    st.one_of(st.integers(0, 40), st.integers(0, 10_000), st.integers(0, 2**40)),
    min_size=1,
    max_size=300,
)


def exact(values, fraction):
    ordered = sorted(values)
    return ordered[max(1, ceil(fraction * len(ordered))) - 1]


@given(latencies)
def test_quantiles_are_within_their_error_of_the_exact_ones(values):
    estimates = histogram.quantiles(histogram.count(values), FRACTIONS)

    for fraction, estimate in zip(FRACTIONS, estimates, strict=True):
        assert abs(estimate - exact(values, fraction)) <= ERROR_MAX * exact(values, fraction)


@given(latencies, latencies)
def test_joined_blobs_are_the_histogram_of_both(left, right):
    joined = histogram.pack(histogram.count(left)) + histogram.pack(histogram.count(right))

    assert (histogram.unpack(joined) == histogram.count(left + right)).all()


@given(st.integers(1, 2**40))
def test_buckets_are_those_of_an_exponential_histogram_of_scale_3(value):
    index = int(histogram.slots_of([value])[0]) - 2

    # index/8 < log2(value) ≤ (index+1)/8, raised to the power of 8 to stay in whole numbers
    assert index < 0 or 2**index < value**8
    assert value**8 <= 2 ** (index + 1)


def test_every_slot_estimates_within_the_error_and_low_ones_are_exact():
    values = np.arange(0, 200_000)
    middles = np.array(histogram._MIDDLE_US)[histogram.slots_of(values)]

    assert (np.abs(middles - values) <= ERROR_MAX * values).all()
    assert (middles[:11] == values[:11]).all()


def test_a_latency_beyond_the_last_slot_counts_in_it():
    assert histogram.count([2**62])[histogram.SLOTS - 1] == 1


def test_weights_say_how_often_a_latency_occurred():
    assert (histogram.count([7, 90], [2, 3]) == histogram.count([7, 7, 90, 90, 90])).all()


def test_nothing_has_no_quantiles():
    with pytest.raises(ValueError, match="empty"):
        histogram.quantiles(histogram.empty(), [0.5])


@pytest.mark.parametrize("blob", [b"\x01", b"\xff\xff\x01\x00\x00\x00"])
def test_bytes_that_are_no_histogram_are_refused(blob):
    with pytest.raises(ValueError, match=r"."):
        histogram.unpack(blob)


def test_an_empty_blob_is_an_empty_histogram():
    assert (histogram.unpack(b"") == histogram.empty()).all()
    assert histogram.pack(histogram.empty()) == b""
