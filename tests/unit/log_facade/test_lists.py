import json
import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clientela.errors import ClientelaError
from clientela.log_facade.entries import PageOf, parse_cursor, read_page
from clientela.log_facade.files import LogFile
from clientela.log_facade.filters import Filters
from clientela.log_facade.logs import reading, writing
from clientela.log_facade.packing import batch_of


@pytest.fixture
def opened():
    files = []

    def opened(*dbs):
        files.extend(reading(db) for db in dbs)
        return files[-len(dbs) :]

    yield opened
    for file in files:
        file.close()


def page(files, filters=None, order="desc", cursor=None, limit=1_000):
    after = cursor and parse_cursor(cursor, order)
    items, following = read_page(files, PageOf(filters or Filters(), order, after, limit))
    return [json.loads(item) for item in items], following


def pages(files, filters=None, order="desc", limit=2, between=lambda: None):
    found, following = page(files, filters, order, None, limit)
    while following is not None:
        assert len(found) % limit == 0
        between()
        more, following = page(files, filters, order, following, limit)
        found += more
    return found


def times(entries):
    return [entry["time"] for entry in entries]


def test_an_entry_has_its_whole_shape(db, fill, make_record, opened, noon_us):
    record = make_record(
        noon_us + 7,
        parts_ns={"db": 12_999, "upstream": 3_000},
        lag_ms=3,
        outbox=0,
        error='Odd"Name',
        status=500,
    )
    fill(db, [record])
    (entry,), following = page(opened(db))

    assert re.fullmatch(r"[0-9a-f]{32}", entry.pop("id"))
    assert entry == {
        "time": "2026-11-23T12:00:00.000007Z",
        "facade": "matriz",
        "method": "GET",
        "route": "/client",
        "status": 500,
        "latency_us": 100,
        "parts": {"db": 12, "upstream": 3},
        "bytes": 270,
        "trace_id": "000102030405060708090a0b0c0d0e0f",
        "lag_ms": 3,
        "outbox": 0,
        "error": 'Odd"Name',
    }
    assert following is None


def test_what_a_host_does_not_know_is_null_and_parts_are_an_object(db, fill, make_record, opened):
    fill(db, [make_record()])
    (entry,), _ = page(opened(db))

    assert (entry["parts"], entry["lag_ms"], entry["outbox"], entry["error"]) == (
        {},
        None,
        None,
        None,
    )


def test_lists_are_newest_first_or_oldest_first(db, fill, make_record, opened, noon_us):
    fill(db, [make_record(noon_us + i) for i in (1, 3, 2)])
    files = opened(db)
    newest, _ = page(files)
    oldest, _ = page(files, order="asc")

    assert times(newest) == sorted(times(newest), reverse=True)
    assert newest == oldest[::-1]


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_have_no_gap_and_no_double_while_entries_come(
    db, fill, make_record, opened, noon_us, order
):
    fill(db, [make_record(noon_us + i // 3) for i in range(9)])
    files = opened(db)
    before, _ = page(files, order=order)
    later = iter(range(100, 200))
    store = writing(db).open()

    def insert():
        store.write(batch_of([make_record(noon_us + next(later))]), now_us=noon_us)

    found = pages(files, order=order, between=insert)
    store.close()

    ids = [entry["id"] for entry in found]
    assert len(set(ids)) == len(ids)
    if order == "desc":
        assert found == before
    else:
        assert found[:9] == before
        assert len(found) > 9


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), [0, 1, 2, 3]),
        (Filters(facade="filial"), [1]),
        (Filters(method="POST"), [2]),
        (Filters(route="/client/writes"), [2]),
        (Filters(route="/no-such"), []),
        (Filters(status=(404, 404)), [3]),
        (Filters(status=(400, 499)), [3]),
        (Filters(trace_id=b"T" * 16), [0]),
        (Filters(min_latency_us=200), [2, 3]),
        (Filters(max_latency_us=200), [0, 1, 2]),
        (Filters(min_latency_us=200, max_latency_us=200, status=(200, 299)), [2]),
        (Filters(facade="matriz", route="/client", method="GET"), [0, 3]),
    ],
)
def test_filters(db, fill, make_record, opened, noon_us, filters, expected):
    fill(
        db,
        [
            make_record(noon_us, trace_id=b"T" * 16),
            make_record(noon_us + 1, facade="filial"),
            make_record(noon_us + 2, method="POST", route="/client/writes", latency_us=200),
            make_record(noon_us + 3, status=404, latency_us=300),
        ],
    )
    found, _ = page(opened(db), filters, order="asc")
    lists = [pages(opened(db), filters, order, limit=1) for order in ("asc", "desc")]

    assert times(found) == [f"2026-11-23T12:00:00.00000{number}Z" for number in expected]
    assert lists == [found, found[::-1]]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("*", [1, 2, 3]),
        ("TimeoutError", [1, 3]),
        ("timeout", [1, 3]),
        ("readt", [3]),
        ("Key_rror", []),
        ("%", []),
    ],
)
def test_errors_are_found_by_a_part_of_their_name(
    db, fill, make_record, opened, noon_us, error, expected
):
    names = [None, "TimeoutError", "KeyError", "ReadTimeoutError"]
    fill(db, [make_record(noon_us + i, error=name) for i, name in enumerate(names)])
    filters = Filters(error=error)
    found, _ = page(opened(db), filters, order="asc")

    assert times(found) == [f"2026-11-23T12:00:00.00000{number}Z" for number in expected]
    assert [i for i, name in enumerate(names) if filters.wants_error(name)] == expected


def test_a_time_range_takes_its_beginning_and_leaves_its_end(
    db, fill, make_record, opened, noon_us
):
    fill(db, [make_record(noon_us + i) for i in range(5)])
    files = opened(db)
    filters = Filters(from_us=noon_us + 1, to_us=noon_us + 4)

    expected = [f"2026-11-23T12:00:00.00000{i}Z" for i in (1, 2, 3)]
    assert times(pages(files, filters, "asc", limit=1)) == expected
    assert times(pages(files, filters, "desc", limit=1)) == expected[::-1]
    assert pages(files, Filters(from_us=noon_us + 2, to_us=noon_us + 2)) == []


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    logs=st.lists(st.lists(st.integers(0, 5), max_size=12), min_size=1, max_size=3),
    limit=st.integers(1, 7),
    bounds=st.tuples(st.integers(0, 5), st.integers(0, 6)),
)
def test_several_logs_are_one_list(tmp_path_factory, fill, make_record, logs, limit, bounds):
    folder = tmp_path_factory.mktemp("logs")
    for number, moments in enumerate(logs):
        fill(folder / f"{number}.db", [make_record(moment) for moment in moments])
    files = [LogFile(folder / f"{number}.db") for number in range(len(logs))]
    low, high = min(bounds), max(bounds)
    filters = Filters(from_us=low, to_us=high)
    whole, _ = page(files, filters, "asc")
    lists = [pages(files, filters, order, limit) for order in ("asc", "desc")]
    for file in files:
        file.close()

    ids = [entry["id"] for entry in whole]
    assert ids == sorted(set(ids))
    assert len(ids) == sum(low <= moment < high for moments in logs for moment in moments)
    assert lists == [whole, whole[::-1]]


def test_a_log_that_is_not_there_yet_is_empty_until_it_appears(
    path, tmp_path, fill, make_record, opened
):
    files = opened(path, tmp_path / "later" / "logs.db")
    fill(path, [make_record()])
    before, _ = page(files)
    fill(tmp_path / "later" / "logs.db", [make_record()])
    after, _ = page(files)

    assert (len(before), len(after)) == (1, 2)


def test_a_log_that_is_being_made_is_empty(path, opened):
    path.write_bytes(b"")
    empty, _ = page(opened(path))

    assert empty == []


def test_a_log_that_was_replaced_is_read_anew(path, fill, make_record, opened):
    files = opened(path)
    fill(path, [make_record()])
    first, _ = page(files)
    path.unlink()
    removed, _ = page(files)
    fill(path, [make_record(), make_record()])
    second, _ = page(files)

    assert [len(first), len(removed), len(second)] == [1, 0, 2]


def test_a_file_that_is_no_log_says_so(path, opened):
    path.write_text("a diary, not a database" * 100)

    with pytest.raises(ClientelaError, match=r"logs\.db can't be read") as raised:
        page(opened(path))
    assert raised.value.code == "not-ready"


@pytest.mark.parametrize("cursor", ["", "d", "x" + "0" * 32, "d" + "g" * 32, "d" + "0" * 33])
def test_a_broken_cursor_is_named(cursor):
    with pytest.raises(ClientelaError, match="cursor is broken") as raised:
        parse_cursor(cursor, "desc")
    assert (raised.value.code, raised.value.errors[0].field) == ("bad-parameter", "cursor")


def test_a_cursor_of_the_other_order_is_refused():
    with pytest.raises(ClientelaError, match="other order"):
        parse_cursor("a" + "0" * 32, "desc")


def test_a_page_far_down_is_found_without_walking_there(db, fill, make_record, opened, noon_us):
    fill(db, [make_record(noon_us + i) for i in range(20_000)])
    files = opened(db)
    bounded = Filters(from_us=0, to_us=noon_us * 2)
    page(files, bounded, limit=10)

    def seconds(cursor):
        started = time.perf_counter()
        for _ in range(20):
            page(files, bounded, "desc", cursor, 10)
        return time.perf_counter() - started

    _, deep = page(files, bounded, limit=19_000)
    assert seconds(deep) < 10 * seconds(None)
