import threading
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest

from clientela.log_facade import seconds
from clientela.log_facade.packing import batch_of
from clientela.log_facade.totals import Series, Totals

EDGES = [0, 1, 2, 61, 62, 976, 977, 1_000, 15_625, 15_626, 1_000_000, 1_000_001, 2**40]


@pytest.mark.parametrize("latency_us", EDGES)
def test_a_latency_lies_in_its_bucket_of_seconds(latency_us):
    slot = int(seconds.slots_of([latency_us])[0])
    index = slot - seconds.slot_of_index(0)

    # 2^((i-1)/8) < x ≤ 2^(i/8), to the eighth power: whole numbers can't be wrong.
    power = Fraction(latency_us, 10**6) ** 8
    if latency_us == 0:
        assert slot == 0
    elif slot < seconds.SLOTS - 1:
        assert Fraction(2) ** (index - 1) < power <= Fraction(2) ** index


def test_whatever_lasts_longer_than_the_last_bucket_is_counted_in_it():
    assert seconds.slots_of([2**62]).tolist() == [seconds.SLOTS - 1]


def test_the_buckets_of_microseconds_would_not_do():
    """Each octave of seconds ends between two bounds of the log's own histograms."""
    octave_us = 10**6 * 2.0**-10

    assert (np.log2(octave_us) * 8) % 1 == pytest.approx(0.45, abs=0.01)


def test_every_record_is_counted_once_in_its_series(make_record):
    totals = Totals(wall_ns=lambda: 7)
    batches = [
        [make_record(latency_us=90), make_record(latency_us=1_000_000, status=503)],
        [make_record(latency_us=90), make_record(latency_us=0, method="POST")],
    ]
    for batch in batches:
        totals(batch_of(batch))

    found = {total.series: total for total in totals.read()}
    read = found[Series("matriz", "GET", "/client", 200)]
    assert set(found) == {
        Series("matriz", "GET", "/client", 200),
        Series("matriz", "GET", "/client", 503),
        Series("matriz", "POST", "/client", 200),
    }
    assert (read.count, read.sum_us) == (2, 180)
    assert read.counts[seconds.slots_of([90])[0]] == 2
    assert totals.started_ns == 7


def test_more_series_than_were_made_room_for(make_record):
    totals = Totals()
    totals(batch_of([make_record(route=f"/{i}", latency_us=i) for i in range(300)]))

    assert [(t.series.route, t.count, t.sum_us) for t in totals.read()] == [
        (f"/{i}", 1, i) for i in range(300)
    ]


def test_beyond_the_bound_new_routes_are_others(make_record):
    totals = Totals(series_max=2)
    totals(batch_of([make_record(route=f"/{i}", status=200 + i % 2) for i in range(10)]))

    routes = [(t.series.route, t.series.status, t.count) for t in totals.read()]
    assert routes == [("/0", 200, 1), ("/1", 201, 1), ("other", 200, 4), ("other", 201, 4)]


def test_reading_amid_batches_sees_whole_batches(make_record):
    totals = Totals()
    batch = [make_record(latency_us=10)] * 50 + [make_record(latency_us=10, method="PUT")] * 50
    done = threading.Event()

    def hear():
        for _ in range(200):
            totals(batch_of(batch))
        done.set()

    thread = threading.Thread(target=hear)
    thread.start()
    seen = Counter()
    while not done.is_set():
        found = totals.read()
        seen[len({(t.count, t.sum_us) for t in found}) <= 1] += 1
    thread.join()

    assert seen[False] == 0
    assert sum(t.count for t in totals.read()) == 20_000
