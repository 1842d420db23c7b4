"""Following the log live, with filters, and at no cost while nobody does."""

import asyncio
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela import limits
from clientela.errors import ClientelaError
from clientela.feed.position import Position
from clientela.log_facade.entries import PageOf, read_page
from clientela.log_facade.files import LogFile
from clientela.log_facade.filters import Filters
from clientela.log_facade.logs import writing
from clientela.log_facade.packing import batch_of
from clientela.log_facade.shapes import LogEntry
from clientela.log_facade.store import open_store
from clientela.log_facade.tail import LogTail, passes


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(limits, "LOG_TAIL_INTERVAL_S", 0.005)


@pytest.fixture
async def tail(db, clock):
    made = LogTail([db], wall_ns=clock)
    yield made
    made.stop()
    while made._task is not None:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.001)
    made.close()


@pytest.fixture
def write(db, clock, make_record):
    """Write records at the present time, a microsecond apart."""
    stores = [writing(db).open()]

    def put(*changes):
        records = []
        for change in changes:
            clock.now_us += 1
            records.append(make_record(clock.now_us, **change))
        stores[0].write(batch_of(records), now_us=clock.now_us)

    yield put
    stores[0].close()


async def read(log, after):
    """Wait for what follows, as a live answer does."""
    assert await log.tail.beyond(after, timeout_s=10)
    return await log.read(after, 1_000)


def latencies(batch):
    return [json.loads(message)["latency_us"] for message in batch.messages]


async def begun(log):
    """Let the tail look once, so that it knows where the log ends."""
    with contextlib.suppress(TimeoutError):
        await log.tail.beyond(log.tail.position, timeout_s=0.05)
    return log.tail.position


async def test_new_entries_come_and_old_ones_do_not(tail, write):
    write({"latency_us": 1})
    log = tail.log(Filters())
    start = await begun(log)
    write({"latency_us": 2}, {"latency_us": 3})
    first = await read(log, start)
    write({"latency_us": 4})
    second = await read(log, first.end)

    assert (latencies(first), latencies(second)) == ([2, 3], [4])


async def test_a_filter_passes_over_the_others_and_goes_on(tail, write):
    log = tail.log(Filters(min_latency_us=100))
    start = await begun(log)
    write({"latency_us": 5}, {"latency_us": 500}, {"latency_us": 6})
    first = await read(log, start)
    write({"latency_us": 7})
    second = await read(log, first.end)

    assert latencies(first) == [500]
    assert second.messages == []
    assert second.end.version == first.end.version + 1


async def test_what_one_facade_writes_late_is_not_lost(tmp_path, clock, make_record):
    paths = [tmp_path / "matriz.db", tmp_path / "filial.db"]
    stores = [open_store(path) for path in paths]
    tail = LogTail(paths, wall_ns=clock)
    log = tail.log(Filters())
    start = await begun(log)
    early, late = clock.now_us + 10, clock.now_us + 20
    clock.now_us = late
    stores[0].write(batch_of([make_record(late, latency_us=2)]), now_us=late)
    first = await read(log, start)
    stores[1].write(batch_of([make_record(early, latency_us=1)]), now_us=late)
    second = await read(log, first.end)
    tail.stop()
    for closing in (*stores, tail):
        closing.close()

    assert (latencies(first), latencies(second)) == ([2], [1])


async def test_of_writers_of_one_log_what_happened_early_and_is_written_late_comes(
    tail, db, clock, make_record
):
    stores = [writing(db).open() for _ in range(2)]
    log = tail.log(Filters())
    place, found = await begun(log), []
    for number in range(6):
        clock.now_us += 10
        moment = clock.now_us - 5_000_000 * (number % 2)
        stores[number % 2].write(
            batch_of([make_record(moment, latency_us=number)] * (1 + 300 * (number % 3))),
            now_us=clock.now_us,
        )
        batch = await read(log, place)
        place, found = batch.end, [*found, *latencies(batch)]
    for store in stores:
        store.close()

    assert found == [n for n in range(6) for _ in range(1 + 300 * (n % 3))]


@pytest.mark.parametrize("back_s", [3, 3_600])
async def test_a_clock_that_was_set_back_loses_and_repeats_nothing(tail, write, clock, back_s):
    log = tail.log(Filters())
    start = await begun(log)
    write({"latency_us": 1})
    first = await read(log, start)
    clock.now_us -= back_s * 1_000_000
    await begun(log)
    write({"latency_us": 2})
    second = await read(log, first.end)

    assert latencies(second) == [2]


async def ended(tail, monkeypatch):
    """Wait until nobody has listened for long enough."""
    with monkeypatch.context() as patch:
        patch.setattr(limits, "LOG_TAIL_LINGER_S", 0)
        while tail._task is not None:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("listened_to", [0, 1])
async def test_nothing_is_read_while_nobody_listens(tail, write, monkeypatch, listened_to):
    log = tail.log(Filters())
    place = await begun(log)
    for _ in range(listened_to):
        write({"latency_us": 1})
        place = (await read(log, place)).end
    await ended(tail, monkeypatch)
    write({"latency_us": 2})

    with pytest.raises(ClientelaError) as missed:
        tail.log(Filters()).check(place)
    assert missed.value.code == "offset-gone"


async def test_memory_is_bounded_and_a_follower_too_slow_for_it_is_told(tail, write, monkeypatch):
    monkeypatch.setattr(limits, "LOG_TAIL_ENTRIES_MAX", 3)
    log = tail.log(Filters())
    start = await begun(log)
    for latency_us in range(1, 6):
        write({"latency_us": latency_us})
        await log.tail.beyond(start._replace(version=start.version + latency_us - 1), timeout_s=10)

    with pytest.raises(ClientelaError):
        log.check(start)
    assert latencies(await log.read(log.beginning, 100)) == [3, 4, 5]


async def test_an_offset_of_another_process_is_refused(tail):
    other = Position(tail.tail.position.epoch - 1, 0)

    with pytest.raises(ClientelaError) as told:
        tail.log(Filters()).check(other)
    assert told.value.code == "history-diverged"


FIELDS = {
    "facade": st.sampled_from([None, "matriz", "filial"]),
    "method": st.sampled_from([None, "GET", "POST"]),
    "route": st.sampled_from([None, "/client", "/sync"]),
    "not_routes": st.sampled_from([(), ("/client",), ("/sync", "/none")]),
    "status": st.sampled_from([None, (200, 299), (404, 404), (500, 599)]),
    "trace_id": st.sampled_from([None, bytes(range(16)), bytes(16)]),
    "min_latency_us": st.sampled_from([None, 0, 100, 101]),
    "max_latency_us": st.sampled_from([None, 0, 100, 99]),
}


@given(st.fixed_dictionaries(FIELDS))
def test_a_filter_passes_live_what_it_finds_in_the_log(path_of_many, asked):
    filters = Filters(**asked)
    file = LogFile(path_of_many)
    found, _ = read_page([file], PageOf(filters, "asc", None, 1_000))
    everything, _ = read_page([file], PageOf(Filters(), "asc", None, 1_000))
    file.close()

    entry_of = {raw: _entry(raw) for raw in everything}
    assert found == [raw for raw in everything if passes(filters, entry_of[raw])]


def _entry(raw: bytes) -> LogEntry:
    return LogEntry(**json.loads(raw))


@pytest.fixture(scope="module")
def path_of_many(tmp_path_factory, make_record, fill):
    path = tmp_path_factory.mktemp("many") / "logs.db"
    records = [
        make_record(1_000 + number, facade=facade, method=method, route=route, status=status)
        for number, (facade, method, route, status) in enumerate(
            (facade, method, route, status)
            for facade in ("matriz", "filial")
            for method in ("GET", "POST")
            for route in ("/client", "/sync")
            for status in (200, 404, 503)
        )
    ]
    fill(path, records)
    return path
