import apsw
import psycopg
import pytest

from clientela import limits
from clientela.log_facade import histogram
from clientela.log_facade.levels import MINUTE_US
from clientela.log_facade.logs import writing
from clientela.log_facade.packing import batch_of
from clientela.log_facade.retention import Retention
from clientela.log_facade.store import LogStore, open_store

DAY_US = 86_400_000_000
LEVEL_TABLES = ("minutes", "hours", "days")


DAY = Retention(
    entries_s=86_400,
    levels_s=(86_400, 2 * 86_400, 4 * 86_400),
    entries_min=0,
    entries_max=10,
    step_items=3,
    interval_s=60,
)


@pytest.fixture
def small(db):
    """A store that keeps a day, ten entries, and prunes three at a time."""
    store = LogStore(writing(db).open()._database, kept=DAY)
    yield store
    store.close()


def all_of(store, sql):
    return store._database.execute(sql).fetchall()


def kept_and_counted(store):
    in_blocks = "SELECT coalesce(sum(count), 0) FROM blocks"
    sql = f"SELECT (SELECT count(*) FROM entries) + ({in_blocks}), entries FROM log"
    return all_of(store, sql)[0]


def test_each_minute_series_and_status_has_its_histogram(small, make_record, noon_us):
    records = [
        make_record(noon_us, latency_us=10),
        make_record(noon_us + MINUTE_US - 1, latency_us=30),
        make_record(noon_us + MINUTE_US, latency_us=50),
        make_record(noon_us, latency_us=70, status=404),
        make_record(noon_us, latency_us=90, route="/client/writes"),
    ]
    small.write(batch_of(records[:2]), now_us=noon_us)
    small.write(batch_of(records[2:]), now_us=noon_us)

    sql = "SELECT count, sum_us, max_us, buckets FROM minutes ORDER BY max_us"
    assert all_of(small, sql) == [
        (2, 40, 30, histogram.pack(histogram.count([10, 30]))),
        *((1, us, us, histogram.pack(histogram.count([us]))) for us in (50, 70, 90)),
    ]


def test_a_batch_that_fails_leaves_no_trace(small, make_record, noon_us):
    small.write(batch_of([make_record()]), now_us=noon_us)
    small._database.execute("ALTER TABLE drops RENAME TO elsewhere")

    two = batch_of([make_record(), make_record(route="/other")])
    with pytest.raises((apsw.Error, psycopg.Error)):
        small.write(two, dropped=4, now_us=noon_us)
    small._database.execute("ALTER TABLE elsewhere RENAME TO drops")
    small.write(batch_of([make_record(route="/other")]), now_us=noon_us)

    assert all_of(small, "SELECT sum(count) FROM minutes") == [(2,)]
    assert all_of(small, "SELECT count(*) FROM drops") == [(0,)]
    assert kept_and_counted(small) == (2, 2)


def test_two_writers_share_one_log(path, make_record, noon_us):
    left, right = open_store(path), open_store(path)
    for _ in range(2):
        left.write(batch_of([make_record(facade="left")]), now_us=noon_us)
        right.write(batch_of([make_record(facade="right"), make_record()]), now_us=noon_us)
    right.close()
    left.close()

    connection = apsw.Connection(str(path))
    assert connection.execute("SELECT count(DISTINCT seq), max(seq) FROM entries").get == (6, 6)
    assert connection.execute("SELECT count(*) FROM series").get == 3
    connection.close()


def test_routes_without_end_become_one(small, make_record, noon_us, monkeypatch):
    monkeypatch.setattr(limits, "LOG_SERIES_MAX", 2)
    records = [make_record(route=f"/client/{number}") for number in range(5)]
    small.write(batch_of(records), now_us=noon_us)

    assert all_of(small, "SELECT route FROM series ORDER BY id") == [
        ("/client/0",),
        ("/client/1",),
        ("other",),
    ]


def test_too_many_entries_go_oldest_first_in_small_steps(small, make_record, noon_us):
    small.write(batch_of([make_record(noon_us + i) for i in range(18)]), now_us=noon_us)
    pruned = [small.prune(noon_us) for _ in range(5)]

    assert pruned == [3, 3, 2, 0, 0]
    assert all_of(small, "SELECT min(time_us), max(time_us) FROM entries") == [
        (noon_us + 8, noon_us + 17)
    ]
    assert kept_and_counted(small) == (10, 10)
    assert all_of(small, "SELECT sum(count) FROM minutes") == [(18,)]


def test_old_entries_go_in_small_steps_and_their_minutes_with_them(small, make_record, noon_us):
    old = [make_record(noon_us - DAY_US - MINUTE_US + i) for i in range(4)]
    small.write(
        batch_of([*old, make_record(noon_us - DAY_US)]), dropped=1, now_us=noon_us - 2 * DAY_US
    )
    pruned = [small.prune(noon_us) for _ in range(3)]

    assert pruned == [3, 1, 0]
    assert kept_and_counted(small) == (1, 1)
    assert all_of(small, "SELECT minute FROM minutes") == [((noon_us - DAY_US) // MINUTE_US,)]
    assert all_of(small, "SELECT * FROM drops") == []


def test_hours_and_days_stay_longer_than_their_minutes(small, make_record, noon_us):
    for days in range(6):
        small.write(batch_of([make_record(noon_us - days * DAY_US)]), now_us=noon_us)
    while small.prune(noon_us):
        pass

    counted = [all_of(small, f"SELECT sum(count) FROM {level}") for level in LEVEL_TABLES]
    assert counted == [[(2,)], [(3,)], [(5,)]]


def test_cells_go_in_small_steps_too(small, make_record, noon_us):
    old = [make_record(noon_us - 5 * DAY_US, status=200 + i) for i in range(10)]
    small.write(batch_of(old), now_us=noon_us)
    left = []
    for _ in range(4):
        small.prune(noon_us)
        left.append(all_of(small, "SELECT count(*) FROM hours"))

    assert left == [[(7,)], [(4,)], [(1,)], [(0,)]]


def test_a_file_that_is_too_large_loses_its_oldest_entries(path, make_record, noon_us, monkeypatch):
    monkeypatch.setattr(limits, "LOG_BLOCK_ENTRIES_MIN", 20_001)
    store = open_store(path)
    store.write(batch_of([make_record(noon_us + i) for i in range(20_000)]), now_us=noon_us)
    connection = store._database
    whole = connection.bytes_used()
    kept = Retention(bytes_max=whole // 2, entries_min=0, step_items=500)
    small = LogStore(connection, kept=kept)
    steps = []
    while pruned := small.prune(noon_us):
        steps.append(pruned)

    first, last, count = connection.execute(
        "SELECT min(time_us), max(time_us), count(*) FROM entries"
    ).get
    assert set(steps) == {500}
    assert whole // 2 - 100_000 < connection.bytes_used() <= whole // 2
    assert (first, last) == (noon_us + 20_000 - count, noon_us + 19_999)
    assert connection.execute("SELECT entries FROM log").get == count
    assert connection.execute("SELECT sum(count) FROM minutes").get == 20_000
    store.close()


def test_a_file_of_too_many_histograms_keeps_entries_and_loses_minutes(path, make_record, noon_us):
    store = open_store(path)
    made = [make_record(noon_us + i * MINUTE_US) for i in range(3_000)]
    store.write(batch_of(made), now_us=noon_us)
    connection = store._database
    bytes_max = connection.bytes_used() - 60_000
    small = LogStore(
        connection, kept=Retention(bytes_max=bytes_max, entries_min=2_900, step_items=100)
    )
    # The minutes' steps drop no entries: it goes on by the clock, as it does beside flushes.
    for turn in range(100):
        small.prune(noon_us + turn * 5_000_000)

    assert connection.bytes_used() <= bytes_max
    assert connection.execute("SELECT count(*) FROM entries").get == 2_900
    assert 0 < connection.execute("SELECT sum(count) FROM minutes").get < 2_900
    assert connection.execute("SELECT sum(count) FROM hours").get == 3_000
    store.close()


def test_pruning_rests_between_its_times(small, make_record, noon_us):
    resting = small.prune(noon_us)
    small.write(batch_of([make_record(noon_us + i) for i in range(11)]), now_us=noon_us)

    assert resting == 0
    assert small.prune(noon_us + MINUTE_US - 1) == 0
    assert small.prune(noon_us + MINUTE_US) == 1


def test_a_power_cut_is_not_waited_for(path):
    store = open_store(path)
    setting = store._database.connection.pragma("synchronous")
    journal = store._database.connection.pragma("journal_mode")
    store.close()

    assert (setting, journal) == (1, "wal")
