import json
import struct
import threading

import pytest

from clientela import limits
from clientela.log_facade.entries import PageOf, read_page
from clientela.log_facade.files import LogFile
from clientela.log_facade.filters import Filters
from clientela.log_facade.recorder import Recorder
from clientela.log_facade.store import open_store
from clientela.log_facade.totals import Series, Totals

SERIES = ("matriz", "GET", "/client")
TRACE = bytes(range(16))


def recorder_of(path, **more):
    """Make a recorder whose stamps are 5 s behind the time of day."""
    return Recorder(
        lambda: open_store(path),
        wall_ns=lambda: 6_000_000_000,
        stamp_ns=lambda: 1_000_000_000,
        **more,
    )


def listed(path):
    file = LogFile(path)
    items, _ = read_page([file], PageOf(Filters(), "asc", None, limits.PAGE_ITEMS_MAX))
    file.close()
    return [json.loads(item) for item in items]


@pytest.mark.parametrize("entries_min", [1, 10])
def test_a_hot_request_becomes_a_whole_entry(path, monkeypatch, entries_min):
    monkeypatch.setattr(limits, "LOG_BLOCK_ENTRIES_MIN", entries_min)
    recorder = recorder_of(path, context=lambda: (12, None))
    found, failed = recorder.hot(SERIES, 200), recorder.hot(SERIES, 503)
    found(900_000_000, 900_002_999, 900_040_000, 30_999, 270, TRACE)
    failed(900_000_000, 900_000_000, 900_041_000, 0, 0)
    recorder.close()
    first, second = listed(path)
    made = second.pop("trace_id")

    assert first.pop("id")[:14] == f"{5_900_040:014x}"
    assert first == {
        "time": "1970-01-01T00:00:05.900040Z",
        "facade": "matriz",
        "method": "GET",
        "route": "/client",
        "status": 200,
        "latency_us": 40,
        "parts": {"queue": 2, "db": 30},
        "bytes": 270,
        "trace_id": TRACE.hex(),
        "lag_ms": 12,
        "outbox": None,
        "error": None,
    }
    assert (second["status"], second["parts"]) == (503, {"queue": 0, "db": 0})
    assert len(made) == 32
    assert made not in {"0" * 32, TRACE.hex()}


def test_hot_requests_and_others_come_in_the_order_of_time(path, make_record):
    recorder = recorder_of(path)
    found = recorder.hot(SERIES, 200)
    for us in (5, 3, 1):
        found(us * 1_000, us * 1_000, us * 1_000, 0, 0)
        recorder.append(make_record(5_000_000 + us + 1))
    recorder.close()

    assert [int(entry["id"][:14], 16) - 5_000_000 for entry in listed(path)] == [1, 2, 3, 4, 5, 6]
    assert [int(entry["id"][22:], 16) for entry in listed(path)] == [1, 2, 3, 4, 5, 6]


def test_hot_requests_count_in_the_totals(path):
    totals = Totals()
    recorder = recorder_of(path, listeners=[totals])
    found = recorder.hot(SERIES, 200)
    for _ in range(3):
        found(0, 0, 7_000, 0, 0)
    recorder.close()
    (total,) = totals.read()

    assert total.series == Series(*SERIES, 200)
    assert (total.count, total.sum_us) == (3, 21)


def test_too_many_hot_requests_are_counted_as_dropped(path):
    recorder = recorder_of(path, entries_max=3)
    found = recorder.hot(SERIES, 200)
    for _ in range(5):
        found(0, 0, 0, 0, 0)
    waiting = recorder.waiting
    recorder.close()

    assert (waiting, recorder.dropped, len(listed(path))) == (3, 2, 3)


def test_what_is_no_number_of_its_size_is_refused_at_once(path):
    recorder = recorder_of(path)
    found = recorder.hot(SERIES, 200)

    with pytest.raises(struct.error):
        found(0, 0, 0, 0, 2**32)
    found(0, 0, 0, 0, 2**32 - 1)
    recorder.close()
    assert [entry["bytes"] for entry in listed(path)] == [2**32 - 1]


def test_a_context_that_fails_costs_no_entry(path, caplog):
    recorder = recorder_of(path, context=lambda: 1 / 0)
    recorder.hot(SERIES, 200)(0, 0, 0, 0, 0)
    recorder.close()
    (entry,) = listed(path)

    assert (entry["lag_ms"], entry["outbox"]) == (None, None)
    assert "division" in caplog.text


def test_threads_lose_no_hot_request(path):
    recorder = Recorder(lambda: open_store(path), flush_interval_s=0.001)
    recorder.start()
    found = recorder.hot(SERIES, 200)

    def append():
        for number in range(2_000):
            found(0, 0, number, 0, 0)

    threads = [threading.Thread(target=append) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorder.close()
    store = open_store(path)
    kept = store._database.execute("SELECT entries FROM log").get
    store.close()

    assert (kept, recorder.waiting, recorder.dropped) == (8_000, 0, 0)
