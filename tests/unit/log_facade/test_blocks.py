import json
import signal
import subprocess
import sys
import time
from collections import Counter

import apsw
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clientela import limits
from clientela.log_facade.blocks import Block, DamagedBlockError, encode
from clientela.log_facade.entries import PageOf, parse_cursor, read_page
from clientela.log_facade.files import LogFile
from clientela.log_facade.filters import Filters
from clientela.log_facade.heatmap import HeatmapOf, read_heatmap
from clientela.log_facade.migrations import APPLICATION, MIGRATIONS
from clientela.log_facade.packing import batch_of
from clientela.log_facade.record import NO_TRACE
from clientela.log_facade.retention import Retention
from clientela.log_facade.sqlite import SqliteDatabase
from clientela.log_facade.store import LogStore, open_store
from clientela.log_facade.summary import SummaryOf, read_summary
from clientela.storage.database import open_database

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
TRACES = [bytes([n]) * 16 for n in range(1, 4)]


@pytest.fixture
def as_blocks(monkeypatch):
    """Every batch becomes a block."""
    monkeypatch.setattr(limits, "LOG_BLOCK_ENTRIES_MIN", 1)


@pytest.fixture
def log(path):
    file = LogFile(path)
    yield file
    file.close()


def list_all(file, filters=None, order="desc", limit=1_000):
    found, cursor = [], None
    while True:
        after = cursor and parse_cursor(cursor, order)
        items, cursor = read_page([file], PageOf(filters or Filters(), order, after, limit))
        found += [json.loads(item) for item in items]
        if cursor is None:
            return found


def times_of(entries):
    return [int(entry["id"][:14], 16) for entry in entries]


def blocks_in(path):
    connection = apsw.Connection(str(path))
    found = connection.execute("SELECT columns FROM blocks ORDER BY first_seq").fetchall()
    connection.close()
    return [Block(blob) for (blob,) in found]


numbers = st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 300)


@given(st.lists(st.tuples(numbers, numbers), min_size=1), st.integers(0, 2**40))
def test_a_column_of_any_numbers_is_read_as_it_was_written(make_record, rows, first_seq):
    times = sorted(time_us for time_us, _ in rows)
    batch = batch_of(
        make_record(time_us, latency_us=other, parts_ns={"db": 1_000 * n} if n % 3 else None)
        for n, (time_us, (_, other)) in enumerate(zip(times, rows, strict=True))
    )
    block = Block(encode(batch, batch.series, first_seq))

    assert block.time_us.tolist() == times
    assert block.column("latency_us").tolist() == [other for _, other in rows]
    assert block.trace.tolist() == batch.trace.tolist()
    for name in block.parts:
        assert block.part(name).tolist() == batch.parts_us[name].tolist()


def test_an_entry_of_a_hot_route_takes_a_few_bytes(make_record, noon_us):
    records = [
        make_record(
            noon_us + 17 * n,
            latency_us=20 + n % 90,
            body_bytes=260 + n % 20,
            parts_ns={"queue": 1_000, "db": 3_000 + n},
            trace_id=NO_TRACE,
            lag_ms=0,
            outbox=0,
        )
        for n in range(9_000)
    ]
    batch = batch_of(records)

    assert len(encode(batch, batch.series, 1)) / len(records) < 10


@pytest.mark.usefixtures("as_blocks")
def test_made_traces_are_found_again_and_are_all_different(path, fill, make_record, log):
    fill(path, [make_record(n, trace_id=NO_TRACE) for n in range(300)])
    fill(path, [make_record(n, trace_id=NO_TRACE) for n in range(300)])
    traces = [entry["trace_id"] for entry in list_all(log)]

    assert len(set(traces)) == 600
    assert "0" * 32 not in traces
    for trace in traces[::97]:
        (entry,) = list_all(log, Filters(trace_id=bytes.fromhex(trace)))
        assert entry["trace_id"] == trace


@st.composite
def records_of(draw, make_record):
    """A few requests of a few minutes, many at the same microsecond."""
    few_us = st.sampled_from([0, 1, 2, SECOND_US, MINUTE_US - 1, MINUTE_US, 3 * MINUTE_US])
    part = st.dictionaries(st.sampled_from(["db", "queue", 'odd"%d']), st.integers(0, 9_999_999))
    made = st.builds(
        make_record,
        few_us | st.integers(0, 4 * MINUTE_US),
        facade=st.sampled_from(["matriz", "filial"]),
        method=st.sampled_from(["GET", "POST"]),
        route=st.sampled_from(["/client", '/odd"%s']),
        status=st.sampled_from([200, 204, 404, 500, 503]),
        latency_us=st.integers(0, 3) | st.integers(0, 2**41),
        parts_ns=st.none() | part,
        body_bytes=st.integers(0, 2**33),
        trace_id=st.sampled_from(TRACES),
        lag_ms=st.none() | st.integers(0, 70_000),
        outbox=st.none() | st.integers(0, 3),
        error=st.none() | st.sampled_from(["ValueError", 'Odd"Name', "TimeoutError"]),
    )
    return draw(st.lists(st.lists(made, max_size=12), max_size=4))


@st.composite
def filters_of(draw):
    maybe = st.none()
    ends = draw(st.tuples(*[maybe | st.integers(0, 4 * MINUTE_US)] * 2))
    from_us, to_us = sorted(ends) if None not in ends else ends
    return Filters(
        from_us=from_us,
        to_us=to_us,
        facade=draw(maybe | st.sampled_from(["matriz", "none"])),
        route=draw(maybe | st.just('/odd"%s')),
        not_routes=draw(st.sampled_from([(), ("/client",), ("/client", "/none")])),
        status=draw(maybe | st.sampled_from([(200, 299), (404, 404)])),
        trace_id=draw(maybe | st.sampled_from(TRACES)),
        min_latency_us=draw(maybe | st.sampled_from([0, 2, 1_000])),
        max_latency_us=draw(maybe | st.sampled_from([2, 2**40])),
        error=draw(maybe | st.sampled_from(["*", "error", "ODD"])),
    )


def write_all(path, batches, entries_min, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(limits, "LOG_BLOCK_ENTRIES_MIN", entries_min)
        stores = [open_store(path), open_store(path)]
        for number, records in enumerate(batches):
            stores[number % 2].write(batch_of(records), now_us=0)
        for store in stores:
            store.close()


def without_source(entries):
    return [{**entry, "id": entry["id"][:14] + entry["id"][22:]} for entry in entries]


# One file for all examples would do no better: each is opened, written and read in milliseconds.
alike = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@alike
@given(
    data=st.data(),
    filters=filters_of(),
    order=st.sampled_from(["asc", "desc"]),
    limit=st.integers(1, 9),
    mixed=st.sampled_from([1, 5]),
)
def test_blocks_and_rows_give_the_same_lists(
    tmp_path_factory, make_record, monkeypatch, data, filters, order, limit, mixed
):
    batches = data.draw(records_of(make_record))
    found = []
    for entries_min in (mixed, 10_000):
        path = tmp_path_factory.mktemp("log") / "logs.db"
        write_all(path, batches, entries_min, monkeypatch)
        file = LogFile(path)
        found.append(without_source(list_all(file, filters, order, limit)))
        file.close()

    assert found[0] == found[1]


@alike
@given(
    data=st.data(),
    filters=filters_of(),
    by=st.sampled_from([None, "route", "facade", "status", "time"]),
    mixed=st.sampled_from([1, 5]),
)
def test_blocks_and_rows_give_the_same_sums(
    tmp_path_factory, make_record, monkeypatch, data, filters, by, mixed
):
    batches = data.draw(records_of(make_record))
    found = []
    for entries_min in (mixed, 10_000):
        path = tmp_path_factory.mktemp("log") / "logs.db"
        write_all(path, batches, entries_min, monkeypatch)
        file = LogFile(path)
        summary = read_summary([file], SummaryOf(filters, by, None, 5 * MINUTE_US))
        found.append((summary, read_heatmap([file], HeatmapOf(filters, None, 8, 5 * MINUTE_US))))
        file.close()

    assert found[0] == found[1]


@pytest.mark.usefixtures("as_blocks")
@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 2, 7])
def test_blocks_of_several_writers_are_read_as_one_list(path, make_record, log, order, limit):
    left, right = open_store(path), open_store(path)
    for start in (0, 100, 50):
        left.write(batch_of(make_record(start + 7 * n) for n in range(10)), now_us=0)
        right.write(batch_of(make_record(start + 11 * n) for n in range(10)), now_us=0)
    right.close()
    left.close()
    times = sorted(
        start + step * n for start in (0, 100, 50) for step in (7, 11) for n in range(10)
    )

    assert times_of(list_all(log, None, order, limit)) == times[:: 1 if order == "asc" else -1]


def damage(path, first_seq):
    connection = apsw.Connection(str(path))
    sql = "SELECT columns FROM blocks WHERE first_seq = ?"
    blob = bytearray(connection.execute(sql, (first_seq,)).get)
    blob[-1] ^= 1
    connection.execute("UPDATE blocks SET columns = ? WHERE first_seq = ?", (blob, first_seq))
    connection.close()


@pytest.mark.usefixtures("as_blocks")
def test_a_damaged_block_is_told_counted_and_left_out(path, fill, make_record, log, caplog):
    for start in (0, 10, 20):
        fill(path, [make_record(start + n) for n in range(10)])
    damage(path, 11)
    times = [
        [int(entry["id"][:14], 16) for entry in list_all(log, order=o)] for o in ("asc", "desc")
    ]
    counted = read_summary([log], SummaryOf(Filters(min_latency_us=0), None, None, 100))

    assert times[0] == [*range(10), *range(20, 30)] == times[1][::-1]
    assert counted.count == 20
    assert log.damaged == 10
    assert [record.getMessage().partition(": ")[2] for record in caplog.records] == [
        "a block of 10 entries is damaged: its checksum is another"
    ]


@pytest.mark.parametrize("blob", [b"", b"\x01", b"\x02" + bytes(20), bytes(9)])
def test_bytes_that_are_no_block_are_damaged(blob):
    with pytest.raises(DamagedBlockError):
        Block(blob)


@pytest.mark.usefixtures("as_blocks")
def test_a_file_of_before_there_were_blocks_is_read_then_migrated(path, fill, make_record, log):
    old = open_database(path, application=APPLICATION, migrations=MIGRATIONS[:2])
    old.execute("INSERT INTO series VALUES (1, 'matriz', 'GET', '/client')")
    row = "(7, 1, 1, 200, 100, '{\"db\":3}', 270, x'000102030405060708090a0b0c0d0e0f', 0, 0, NULL)"
    old.execute(f"INSERT INTO entries VALUES {row}; UPDATE log SET last_seq = 1, entries = 1")
    (before,) = list_all(log)
    old.close()
    fill(path, [make_record(6), make_record(8)])
    after = list_all(log)

    assert after[1] == before
    assert before["parts"] == {"db": 3}
    assert times_of(after) == [8, 7, 6]
    assert len(blocks_in(path)) == 1


@pytest.fixture
def small(path, as_blocks):  # noqa: ARG001 - what it writes becomes blocks
    """A store that keeps a day and 25 entries."""
    open_store(path).close()
    connection = apsw.Connection(str(path))
    kept = Retention(entries_s=86_400, entries_min=0, entries_max=25, step_items=3, interval_s=60)
    store = LogStore(SqliteDatabase(connection), kept=kept)
    store.connection = connection
    yield store
    store.close()


def kept_in(store):
    sql = "SELECT entries, (SELECT sum(count) FROM blocks), (SELECT min(first_us) FROM blocks)"
    return store.connection.execute(f"{sql} FROM log").get


def test_too_many_entries_go_by_whole_blocks_and_never_too_many(small, make_record, noon_us):
    for start in range(0, 40, 10):
        small.write(batch_of(make_record(noon_us + start + n) for n in range(10)), now_us=noon_us)
    pruned = [small.prune(noon_us + turn * MINUTE_US) for turn in range(3)]

    assert pruned == [10, 0, 0]
    assert kept_in(small) == (30, 30, noon_us + 10)


def test_a_block_goes_when_all_of_it_is_too_old(small, make_record, noon_us):
    day_us = 86_400 * SECOND_US
    small.write(batch_of([make_record(noon_us - day_us), make_record(noon_us)]), now_us=noon_us)
    small.write(batch_of(make_record(noon_us + n) for n in range(4)), now_us=noon_us)
    pruned = [small.prune(noon_us + late_us) for late_us in (0, MINUTE_US, day_us + 1)]

    assert pruned == [0, 1, 1]
    assert kept_in(small) == (4, 4, noon_us)


_WRITER = """
import sys, time
from pathlib import Path
from clientela.log_facade.wiring import LatencyLogs

logs = LatencyLogs(Path(sys.argv[1]), facade="matriz")
logs.start()
found, failed = logs.hot("GET", "/client", 200), logs.hot("GET", "/client", 500)
now = time.perf_counter_ns
print("ready", flush=True)
while True:
    for n in range(400):
        (failed if n % 50 == 0 else found)(now() - 9_000, now(), now(), n, 270)
    time.sleep(0.01)
"""


@pytest.mark.parametrize("after_s", [0.31, 0.47, 0.62])
def test_a_process_that_is_killed_leaves_a_whole_file(path, log, after_s):
    writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE)
    writer.stdout.readline()
    time.sleep(after_s)
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    listed = list_all(log, limit=10_000)
    store = open_store(path)
    sql = "SELECT entries, last_seq, (SELECT sum(count) FROM {}) FROM log"
    counted = {
        store._database.execute(sql.format(level)).get for level in ("minutes", "hours", "days")
    }
    store.close()

    assert len(listed) > 1_000
    assert counted == {(len(listed), len(listed), len(listed))}
    assert len(blocks_in(path)) >= 1
    assert Counter(entry["status"] for entry in listed)[500] > 0


def test_a_block_says_what_its_batch_did_also_of_large_numbers_of_series(make_record):
    batch = batch_of(make_record(n, route=f"/{n}", status=100 + n % 500) for n in range(1_000))
    series = np.arange(1_000, dtype=np.int64) * 1_000_003
    block = Block(encode(batch, series, 1))

    assert block.column("series").tolist() == series.tolist()
    assert block.column("status").tolist() == batch.status.tolist()
