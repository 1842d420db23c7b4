"""Minutes, hours and days: how they cover a range, and how an old file gets them."""

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clientela.log_facade import histogram
from clientela.log_facade.files import LogFile
from clientela.log_facade.filters import Filters
from clientela.log_facade.levels import DAYS, HOURS, MINUTE_US, MINUTES, split
from clientela.log_facade.migrations import APPLICATION, MIGRATIONS
from clientela.log_facade.packing import batch_of
from clientela.log_facade.retention import Retention
from clientela.log_facade.store import LogStore, open_store
from clientela.log_facade.summary import SummaryOf, read_summary
from clientela.storage.database import open_database

HOUR_US, DAY_US = 60 * MINUTE_US, 1_440 * MINUTE_US
TABLES = {"minutes": MINUTE_US, "hours": HOUR_US, "days": DAY_US}


def cells_of(records, width_us):
    cells = {}
    for record in records:
        cells.setdefault((record.time_us // width_us, record.status), []).append(record.latency_us)
    return [
        (*cell, len(us), sum(us), max(us), histogram.pack(histogram.count(us)))
        for cell, us in sorted(cells.items())
    ]


def read_cells(path, table, unit):
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    sql = f"SELECT {unit}, status, count, sum_us, max_us, buckets FROM {table} ORDER BY 1, 2"
    found = connection.execute(sql).fetchall()
    connection.close()
    return found


def fill_old(path, fill, records):
    """Make a file as it was before there were hours and days."""
    new = path.with_name("new.db")
    for file in new.parent.glob("new.db*"):
        file.unlink()
    fill(new, records)
    connection = open_database(path, application=APPLICATION, migrations=MIGRATIONS[:1])
    connection.execute("ATTACH ? AS new", (str(new),))
    for table in ("series", "entries", "minutes"):
        connection.execute(f"INSERT INTO {table} SELECT * FROM new.{table}")
    connection.execute(
        "UPDATE log SET (last_seq, entries) = (SELECT last_seq, entries FROM new.log)"
    )
    connection.close()


def count(path, from_us=None, to_us=None, by=None, step_s=None):
    file = LogFile(path)
    try:
        filters = Filters(from_us=from_us, to_us=to_us)
        return read_summary([file], SummaryOf(filters, by, step_s, 10 * DAY_US))
    finally:
        file.close()


spans = st.tuples(st.integers(0, 3 * DAY_US), st.integers(0, 3 * DAY_US)).map(sorted)


@given(spans, st.integers(0, 80), st.integers(0, 4))
def test_parts_cover_a_range_without_gap_or_double(span, hours_from, days_from):
    parts = list(split(*span, [(DAYS, days_from), (HOURS, hours_from), (MINUTES, 0)]))

    covered = sorted(
        (part.first * part.level.width_us, part.last * part.level.width_us)
        if part.level
        else (part.first, part.last)
        for part in parts
    )
    ends = [span[0], *(last for _, last in covered)]
    assert [first for first, _ in covered] == ends[:-1]
    assert ends[-1] == span[1] or span[0] == span[1]
    assert all(part.first >= hours_from for part in parts if part.level is HOURS)
    assert all(part.first >= days_from for part in parts if part.level is DAYS)


def test_a_range_is_covered_by_the_widest_levels():
    parts = split(-7, 2 * DAY_US + HOUR_US + MINUTE_US + 3, [(DAYS, 0), (HOURS, 0), (MINUTES, 0)])

    assert [(part.level and part.level.unit, part.first, part.last) for part in parts] == [
        ("day", 0, 2),
        (None, -7, 0),
        ("hour", 48, 49),
        ("minute", 49 * 60, 49 * 60 + 1),
        (None, 2 * DAY_US + HOUR_US + MINUTE_US, 2 * DAY_US + HOUR_US + MINUTE_US + 3),
    ]


def test_each_request_counts_in_its_minute_hour_and_day(path, make_record):
    store = open_store(path)
    made = [
        make_record(i * 17 * MINUTE_US, status=200 + i % 2, latency_us=i * i) for i in range(150)
    ]
    for start in range(0, len(made), 40):
        store.write(batch_of(made[start : start + 40]), now_us=0)
    store.close()

    for table, width_us in TABLES.items():
        assert read_cells(path, table, table[:-1]) == cells_of(made, width_us)


def test_whole_days_and_hours_answer_alone(path, fill, make_record):
    fill(path, [make_record(i * HOUR_US // 2) for i in range(24 * 2 * 4)])
    connection = apsw.Connection(str(path))
    connection.execute("DELETE FROM entries; DELETE FROM minutes")
    connection.execute("DELETE FROM hours WHERE hour BETWEEN 24 AND 71")
    connection.close()

    assert count(path).count == 192
    assert count(path, from_us=22 * HOUR_US, to_us=75 * HOUR_US).count == 106
    by_day = count(path, 0, 4 * DAY_US, by="time", step_s=86_400)
    assert [group.count for group in by_day.groups] == [48] * 4


def test_a_chart_of_a_time_whose_minutes_are_gone_is_as_fine_as_what_is_kept(
    path, fill, make_record
):
    fill(path, [make_record(i * HOUR_US) for i in range(24 * 5)])
    connection = apsw.Connection(str(path))
    connection.execute(f"DELETE FROM entries WHERE time_us < {3 * DAY_US}")
    connection.execute("DELETE FROM minutes WHERE minute < 1440 * 3")
    connection.execute("DELETE FROM hours WHERE hour < 24")
    connection.close()
    charts = [count(path, day * DAY_US, (day + 1) * DAY_US, by="time") for day in (0, 1, 3)]

    assert [len(chart.groups) for chart in charts] == [1, 24, 96]
    assert [sum(group.count for group in chart.groups) for chart in charts] == [24] * 3
    assert count(path).from_ == "1970-01-01T00:00:00.000000Z"


moments = st.integers(0, 4 * 1_440).map(lambda minutes: minutes * MINUTE_US + 7)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(
    old=st.lists(moments, max_size=30),
    new=st.lists(st.tuples(moments, st.integers(0, 4)), max_size=12),
    span=spans,
)
def test_an_old_file_is_filled_step_by_step_and_right_at_any_moment(
    tmp_path_factory, fill, make_record, old, new, span
):
    path = tmp_path_factory.mktemp("logs") / "logs.db"
    written = [make_record(moment, latency_us=moment % 999) for moment in old]
    fill_old(path, fill, written)
    assert count(path).count == len(written)  # read before its writer migrates it
    store = open_store(path)
    for moment, steps in new:
        record = make_record(moment, latency_us=moment % 999)
        store.write(batch_of([record]), now_us=0)
        written.append(record)
        for turn in range(steps):
            store.prune(turn)
        inside = sum(span[0] <= record.time_us < span[1] for record in written)
        assert (count(path).count, count(path, *span).count) == (len(written), inside)
    complete = "SELECT hours_from + days_from = 0 FROM log"
    turn = 0
    while not store._database.execute(complete).get:
        store.prune(turn := turn + 1)
    store.close()

    assert count(path, *span).count == sum(span[0] <= r.time_us < span[1] for r in written)
    for table, width_us in TABLES.items():
        assert read_cells(path, table, table[:-1]) == cells_of(written, width_us)


def test_what_is_old_goes_only_after_hours_and_days_were_filled_from_it(path, fill, make_record):
    fill_old(path, fill, [make_record(i * HOUR_US) for i in range(30)])
    store = open_store(path)
    year_s = 366 * 86_400
    small = LogStore(store._database, kept=Retention(entries_s=0, levels_s=(0, year_s, year_s)))
    for turn in range(60):
        small.prune(2 * DAY_US + turn * 5_000_000)
    sums = [store._database.execute(f"SELECT total(count) FROM {table}").get for table in TABLES]
    store.close()

    assert sums == [0, 30, 30]


@pytest.mark.parametrize("level", ["hours", "days"])
def test_a_new_file_counts_every_level_from_the_beginning(path, level):
    store = open_store(path)
    first = store._database.execute(f"SELECT {level}_from FROM log").get
    store.close()

    assert first == 0
