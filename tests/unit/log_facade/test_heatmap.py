from math import ceil

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clientela import limits
from clientela.errors import ClientelaError
from clientela.log_facade import histogram
from clientela.log_facade.files import LogFile
from clientela.log_facade.filters import Filters
from clientela.log_facade.heatmap import HeatmapOf, read_heatmap
from clientela.log_facade.times import parse_time

MINUTE_US = 60_000_000


def heatmap(*paths, step_s=None, rows=2, now_us=10 * MINUTE_US, **filters):
    files = [LogFile(path) for path in paths]
    try:
        return read_heatmap(files, HeatmapOf(Filters(**filters), step_s, rows, now_us))
    finally:
        for file in files:
            file.close()


@given(st.integers(0, 2**42), st.sampled_from([1, 2, 4, 8]))
def test_a_row_holds_what_is_above_the_bound_before_and_up_to_its_own(latency_us, per_octave):
    rows = histogram.rows(histogram.count([latency_us]), per_octave)
    row = int(np.flatnonzero(rows)[0])

    last = row == len(rows) - 1
    # Raised to the power of per_octave, to stay in whole numbers.
    assert latency_us**per_octave <= 2**row or last
    assert 2 * latency_us**per_octave > 2**row or row == 0


@pytest.mark.parametrize("per_octave", [1, 2, 4, 8])
def test_rows_lose_nothing(per_octave):
    slots = np.arange(3 * histogram.SLOTS).reshape(3, -1)

    assert (histogram.rows(slots, per_octave).sum(axis=1) == slots.sum(axis=1)).all()


records = st.lists(
    st.tuples(
        st.integers(0, 4 * MINUTE_US),
        st.sampled_from([200, 500]),
        st.floats(0, 33).map(lambda octave: int(2**octave)),
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    some=records,
    bounds=st.tuples(st.integers(0, 4 * MINUTE_US), st.integers(0, 4 * MINUTE_US)).map(sorted),
    status=st.none() | st.just((500, 599)),
    least_us=st.none() | st.integers(0, 1_000),
    rows=st.sampled_from([1, 2, 4, 8]),
    step_s=st.sampled_from([7, 60, 120]),
    factor=st.sampled_from([1, 60, 1_440]),
)
def test_a_heatmap_says_what_the_entries_say(
    tmp_path_factory, fill, make_record, some, bounds, status, least_us, rows, step_s, factor
):
    path = tmp_path_factory.mktemp("logs") / "logs.db"
    made = [make_record(t * factor, status=code, latency_us=us) for t, code, us in some]
    fill(path, made)
    from_us, to_us = (bound * factor for bound in bounds)
    step_s *= factor
    found = heatmap(path, step_s=step_s, rows=rows, from_us=from_us, to_us=to_us,
                    status=status, min_latency_us=least_us)  # fmt: skip

    inside = [
        record
        for record in made
        if from_us <= record.time_us < to_us
        and (status is None or record.status >= 500)
        and record.latency_us >= (least_us or 0)
    ]
    lows = [0, *found.bounds_us]
    for column in found.columns:
        start_us = parse_time(column.time)
        there = sorted(
            record.latency_us
            for record in inside
            if start_us <= record.time_us < start_us + step_s * 1_000_000
        )
        # Bounds are rounded to 0.01 µs, latencies are whole: both fall to the same side.
        expected = [
            sum(low < us <= high or us == low == 0 for us in there)
            for low, high in zip(lows, found.bounds_us, strict=False)
        ]
        assert (column.count, column.cells) == (len(there), expected)
        assert (column.latency_us is None) == (not there)
        if there:
            exact = there[max(1, ceil(0.95 * len(there))) - 1]
            assert column.latency_us.p95 == pytest.approx(exact, rel=0.044)
    assert sum(column.count for column in found.columns) == len(inside)


def test_rows_span_what_occurs_and_columns_have_no_holes(path, fill, make_record):
    fill(path, [make_record(MINUTE_US, latency_us=3), make_record(4 * MINUTE_US, latency_us=20)])
    found = heatmap(path, step_s=60, rows=1, from_us=0, to_us=5 * MINUTE_US)

    assert found.bounds_us == [4, 8, 16, 32]
    assert [column.cells for column in found.columns] == [
        [0, 0, 0, 0],
        [1, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 1],
    ]


def test_several_logs_are_one_heatmap(tmp_path, fill, make_record):
    paths = [tmp_path / f"{number}.db" for number in range(2)]
    for path in paths:
        fill(path, [make_record(MINUTE_US, latency_us=3)])

    found = heatmap(*paths, step_s=60, from_us=MINUTE_US, to_us=2 * MINUTE_US)
    assert [column.cells for column in found.columns] == [[2]]


def test_nothing_is_a_heatmap_without_columns(path):
    found = heatmap(path)

    assert (found.from_, found.bounds_us, found.columns) == (None, [], [])


def test_the_step_is_chosen_for_a_chart(path, fill, make_record):
    fill(path, [make_record(MINUTE_US)])
    found = heatmap(path, from_us=0, to_us=2 * 3_600_000_000)

    assert (found.step_s, len(found.columns)) == (60, 120)


def test_too_many_columns_are_refused(path):
    to_us = limits.LOG_HEATMAP_COLUMNS_MAX * MINUTE_US
    most = heatmap(path, step_s=60, from_us=0, to_us=to_us)

    with pytest.raises(ClientelaError, match="greater step_s"):
        heatmap(path, step_s=60, from_us=0, to_us=to_us + 1)
    assert len(most.columns) == limits.LOG_HEATMAP_COLUMNS_MAX
