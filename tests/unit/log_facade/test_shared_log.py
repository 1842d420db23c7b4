"""One Log DB in PostgreSQL: many that write, and a server that is away, slow or begun anew."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from clientela import limits
from clientela.errors import ClientelaError, StartupError
from clientela.log_facade.arrivals import first_look, read_arrivals
from clientela.log_facade.embedded import LatencyLog
from clientela.log_facade.entries import PageOf, read_page
from clientela.log_facade.filters import Filters
from clientela.log_facade.logs import reading, writing
from clientela.log_facade.packing import batch_of
from clientela.log_facade.recorder import Recorder
from clientela.log_facade.retention import Retention
from clientela.log_facade.store import LogStore
from clientela.log_facade.summary import SummaryOf, read_summary
from clientela.log_facade.wiring import LatencyLogs
from clientela.storage.urls import database_of

WRITER = Path(__file__).with_name("shared_writer.py")
SIZES = (3, 250, 1)  # as the writer's
BATCHES = 18
KEPT = "SELECT (SELECT count(*) FROM entries) + (SELECT coalesce(sum(count), 0) FROM blocks)"


@pytest.fixture(scope="module")
def cluster(make_cluster):
    """Give a server of these tests' own: they stop it."""
    return make_cluster()


@pytest.fixture
def away(cluster):
    """Give a Log DB on that server."""
    yield database_of(cluster.fresh_database())
    cluster.start_if_stopped()


def number_of(log):
    now_us = time.time_ns() // 1_000 + 10**13  # beyond the clock of these tests
    return read_summary([log], SummaryOf(Filters(), None, None, now_us)).count


def test_of_several_processes_the_tail_misses_nothing_and_all_start_at_once(postgres_log):
    log, seen, found = reading(postgres_log), first_look(time.time_ns() // 1_000), []
    facades = [f"branch-{number}" for number in range(3)]
    writers = [
        subprocess.Popen([sys.executable, str(WRITER), postgres_log.conninfo, facade, str(BATCHES)])
        for facade in facades
    ]
    while any(writer.poll() is None for writer in writers):
        page, seen = read_arrivals(log, seen)
        found += page
    found += read_arrivals(log, seen)[0]
    listed, _ = read_page([log], PageOf(Filters(), "asc", None, 100_000))
    counted = number_of(log)
    log.close()

    written = BATCHES // len(SIZES) * sum(SIZES)
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    entries = [json.loads(entry) for entry in found]
    numbers = [int(entry["id"][22:], 16) for entry in entries]
    assert numbers == list(range(1, 3 * written + 1))
    for facade in facades:  # of each, as it wrote them
        told = [entry["latency_us"] for entry in entries if entry["facade"] == facade]
        assert told == list(range(written))
    assert sorted(found) == sorted(listed)
    assert counted == 3 * written


def test_several_writers_keep_what_retention_says_and_one_of_them_prunes(
    postgres_log, make_record, noon_us
):
    kept = Retention(entries_max=500, entries_min=0, step_items=100, interval_s=0)
    stores = [LogStore(writing(postgres_log).open()._database, kept=kept) for _ in range(4)]
    pruned = Counter()

    def work(number):
        for turn in range(20):
            some = [make_record(noon_us + turn, facade=f"{number}")] * (5 if turn % 4 else 210)
            stores[number].write(batch_of(some), now_us=noon_us)
            pruned[number] += stores[number].prune(noon_us + turn)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (pruner,) = (number for number, count in pruned.items() if count)
    stores[pruner].close()
    left = [store for store in stores if store is not stores[pruner]]
    for turn in range(100, 150):
        for store in left:
            pruned[store] += store.prune(noon_us + turn)
    database = left[0]._database
    entries = next(database.execute("SELECT entries FROM log"))[0]
    counted = next(database.execute(KEPT))[0]
    summed = next(database.execute("SELECT sum(count) FROM minutes"))[0]
    for store in left:
        store.close()

    assert 500 - 210 < entries <= 500 + 210
    assert counted == entries
    assert summed == 4 * (5 * 210 + 15 * 5)  # histograms stay
    assert sum(1 for store in left if pruned[store]) <= 1


def test_a_log_that_is_too_large_loses_its_oldest_entries(postgres_log, make_record, noon_us):
    store = writing(postgres_log).open()
    for start in range(0, 20_000, 1_000):
        made = [make_record(noon_us + start + i) for i in range(1_000)]
        store.write(batch_of(made), now_us=noon_us)
    database = store._database
    whole = database.bytes_used()
    kept = Retention(bytes_max=whole // 2, entries_min=0, step_items=500)
    small = LogStore(database, kept=kept)
    while small.prune(noon_us):
        pass
    first, last = next(database.execute("SELECT min(first_us), max(last_us) FROM blocks"))
    used, entries = database.bytes_used(), next(database.execute("SELECT entries FROM log"))[0]
    store.close()

    assert whole // 2 - whole // 10 < used <= whole // 2
    assert (first, last) == (noon_us + 20_000 - entries, noon_us + 19_999)


def test_what_happens_while_postgres_is_away_is_written_when_it_is_back(
    cluster, away, make_record, watch
):
    recorder = Recorder(writing(away).open, clock=watch)
    log = reading(away)
    recorder.append(make_record())
    recorder.flush()
    before = number_of(log)
    cluster.stop()
    for _ in range(3):
        recorder.append(make_record())
        recorder.flush()
    told = recorder.waiting, recorder.dropped
    with pytest.raises(ClientelaError) as unready:
        number_of(log)
    cluster.start()
    recorder.append(make_record())
    recorder.flush()
    after = number_of(log)
    recorder.close()
    log.close()

    assert (before, told, after) == (1, (3, 0), 5)
    assert unready.value.code == "not-ready"
    assert recorder.failure is None


def test_what_does_not_fit_while_postgres_is_away_is_counted(cluster, away, make_record, watch):
    recorder = Recorder(writing(away).open, entries_max=4, clock=watch)
    recorder.flush()
    cluster.stop()
    for _ in range(10):
        recorder.append(make_record())
        recorder.flush()
    told = recorder.dropped, recorder.waiting
    cluster.start()
    recorder.flush()
    recorder.close()
    log = reading(away)
    summary = read_summary([log], SummaryOf(Filters(), None, None, time.time_ns() // 1_000))
    log.close()

    assert told == (6, 4)
    assert (summary.count, summary.dropped) == (4, 6)


def test_a_host_starts_while_postgres_is_away(cluster, away, make_record):
    cluster.stop()
    logs = LatencyLogs(away, facade="matriz")
    logs.start()
    logs.recorder.append(make_record())
    cluster.start()
    log, deadline = reading(away), time.monotonic() + 20
    while not number_of(log):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    logs.close()

    assert number_of(log) == 1
    log.close()


def test_a_server_that_gives_no_answer_delays_no_request_and_the_end_little(
    cluster, away, make_record, monkeypatch
):
    monkeypatch.setattr(limits, "LOG_CLOSE_S", 0.5)
    logs = LatencyLogs(away, facade="matriz")
    logs.start()
    logs.recorder.append(make_record())
    log = reading(away)
    while not number_of(log):
        time.sleep(0.01)
    log.close()
    family = cluster.processes()
    for pid in family:
        os.kill(pid, signal.SIGSTOP)
    try:
        slowest_s = 0.0
        for _ in range(200):
            begun = time.perf_counter()
            logs.recorder.append(make_record())
            slowest_s = max(slowest_s, time.perf_counter() - begun)
            time.sleep(0.002)
        waiting = logs.recorder.waiting
        begun = time.perf_counter()
        logs.close()
        took_s = time.perf_counter() - begun
    finally:
        for pid in family:
            os.kill(pid, signal.SIGCONT)

    assert waiting == 200
    assert slowest_s < 0.1
    assert took_s < limits.LOG_CLOSE_S + 2
    assert logs.recorder.dropped == 200


def test_a_log_of_a_newer_version_is_refused_and_left_alone(postgres_log):
    store = writing(postgres_log).open()
    store._database.execute("INSERT INTO migrations (part, number) VALUES ('log', 99)")
    store.close()

    with pytest.raises(StartupError, match="newer Clientela"):
        writing(postgres_log).open()


def test_a_password_is_never_told(caplog):
    url = database_of("postgresql://ana:s3cret@127.0.0.1:9/none")
    with pytest.raises(StartupError) as told:
        writing(url).open()

    assert "s3cret" not in str(told.value) + caplog.text
    assert "127.0.0.1" in str(told.value)


def test_a_damaged_block_is_told_and_passed_over(postgres_log, make_record, noon_us):
    store = writing(postgres_log).open()
    store.write(batch_of([make_record(noon_us)] * 300), now_us=noon_us)
    store.write(batch_of([make_record(noon_us + 1)] * 5), now_us=noon_us)
    store._database.execute("UPDATE blocks SET columns = overlay(columns placing '\\x99' from 40)")
    store.close()
    log = reading(postgres_log)
    listed, _ = read_page([log], PageOf(Filters(), "asc", None, 1_000))
    arrived, _ = read_arrivals(log, first_look(noon_us))
    log.close()

    assert (len(listed), len(arrived), log.damaged) == (5, 5, 300)


def test_a_reader_needs_no_right_to_write(postgres_log, postgres, make_record, noon_us):
    writing(postgres_log).open().close()
    database = postgres_log.conninfo.rpartition("/")[2]
    postgres.execute("DROP ROLE IF EXISTS watcher")
    postgres.execute("CREATE ROLE watcher LOGIN")
    postgres.execute("GRANT USAGE ON SCHEMA clientela_log TO watcher", database)
    postgres.execute("GRANT SELECT ON ALL TABLES IN SCHEMA clientela_log TO watcher", database)
    watcher = database_of(postgres_log.conninfo.replace("postgres@", "watcher@"))
    store = writing(postgres_log).open()
    store.write(batch_of([make_record(noon_us)]), now_us=noon_us)
    store.close()
    log = reading(watcher)
    counted = number_of(log)
    log.close()
    with pytest.raises(StartupError, match="permission denied"):
        writing(watcher).open()
    postgres.execute("DROP OWNED BY watcher", database)
    postgres.execute("DROP ROLE watcher")

    assert counted == 1


async def test_an_application_is_logged_by_a_line_with_an_address(postgres_log, client_of):
    async def hello(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 204})
        await send({"type": "http.response.body"})

    app = LatencyLog(hello, postgres_log.conninfo, facade="shop")
    async with client_of(app) as client:
        await client.get("/")
    app.close()
    log = reading(postgres_log)
    counted = number_of(log)
    log.close()

    assert counted == 1
