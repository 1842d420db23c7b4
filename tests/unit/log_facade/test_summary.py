from math import ceil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clientela import limits
from clientela.errors import ClientelaError
from clientela.log_facade.axis import axis_of
from clientela.log_facade.files import LogFile
from clientela.log_facade.filters import Filters
from clientela.log_facade.retention import Retention
from clientela.log_facade.store import LogStore, open_store
from clientela.log_facade.summary import SummaryOf, read_summary
from clientela.log_facade.times import format_time, parse_time

MINUTE_US = 60_000_000
FRACTIONS = {"p50": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p99_9": 0.999}


def summary(*paths, by=None, step_s=None, now_us=10 * MINUTE_US, dropped=0, **filters):
    files = [LogFile(path) for path in paths]
    try:
        asked = SummaryOf(Filters(**filters), by, step_s, now_us)
        return read_summary(files, asked, dropped=dropped)
    finally:
        for file in files:
            file.close()


def groups(found):
    return {group.key: group.count for group in found.groups}


def assert_same(found, records):
    """Compare a summary, or a group of one, with the records that it is of."""
    latencies = sorted(record.latency_us for record in records)
    errors = sum(record.status >= 500 for record in records)
    assert (found.count, found.errors) == (len(records), errors)
    assert found.error_rate == (errors / len(records) if records else 0)
    if not records:
        assert found.latency_us is None
        return
    assert found.latency_us.max == latencies[-1]
    assert found.latency_us.mean == pytest.approx(sum(latencies) / len(latencies), abs=0.01)
    for name, fraction in FRACTIONS.items():
        exact = latencies[max(1, ceil(fraction * len(latencies))) - 1]
        assert getattr(found.latency_us, name) == pytest.approx(exact, rel=0.044)


records = st.lists(
    st.tuples(
        st.integers(0, 4 * MINUTE_US),
        st.sampled_from(["matriz", "filial"]),
        st.sampled_from(["/client", "/logs"]),
        st.sampled_from([200, 404, 500, 503]),
        st.integers(0, 3_000_000),
    ),
    max_size=40,
)
moments = st.none() | st.integers(0, 4 * MINUTE_US) | st.integers(0, 4).map(MINUTE_US.__mul__)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("logs")


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(
    logs=st.lists(records, min_size=1, max_size=2),
    bounds=st.tuples(moments, moments),
    facade=st.none() | st.sampled_from(["matriz", "other"]),
    status=st.none() | st.sampled_from([(500, 599), (404, 404)]),
    least_us=st.none() | st.integers(0, 3_000_000),
    by=st.none() | st.sampled_from(["route", "facade", "status", "time"]),
    step_s=st.sampled_from([7, 60, 120]),
    factor=st.sampled_from([1, 60, 1_440]),  # minutes, hours or days long
)
def test_a_summary_says_what_the_entries_say(
    folder, fill, make_record, logs, bounds, facade, status, least_us, by, step_s, factor
):
    from_us, to_us = (None if bound is None else bound * factor for bound in bounds)
    step_s *= factor
    if None not in bounds:
        from_us, to_us = sorted((from_us, to_us))
    paths, inside = [], []
    for number, log in enumerate(logs):
        path = folder / f"{number}.db"
        for old in folder.glob(f"{number}.db*"):
            old.unlink()
        made = [
            make_record(moment * factor, facade=name, route=route, status=code, latency_us=latency)
            for moment, name, route, code, latency in log
        ]
        fill(path, made)
        paths.append(path)
        inside += [
            record
            for record in made
            if (from_us or 0) <= record.time_us < (10**18 if to_us is None else to_us)
            and facade in (None, record.facade)
            and (status is None or status[0] <= record.status <= status[1])
            and (least_us is None or record.latency_us >= least_us)
        ]
    filters = {"facade": facade, "status": status, "min_latency_us": least_us}
    times = {"from_us": from_us, "to_us": to_us}
    asked_step_s = step_s if by == "time" else None
    found = summary(*paths, by=by, step_s=asked_step_s, **times, **filters)

    assert_same(found, inside)
    if by is not None:
        key_of = {
            "route": lambda record: record.route,
            "facade": lambda record: record.facade,
            "status": lambda record: f"{record.status // 100}xx",
            "time": lambda record: format_time(
                record.time_us // (step_s * 1_000_000) * step_s * 1_000_000
            ),
        }[by]
        for group in found.groups:
            assert_same(group, [record for record in inside if key_of(record) == group.key])
        assert {key_of(record) for record in inside} <= set(groups(found))


def test_nothing_has_no_latencies(path):
    found = summary(path, by="time")

    assert (found.count, found.error_rate, found.latency_us) == (0, 0.0, None)
    assert (found.from_, found.groups) == (None, [])
    assert found.to == "1970-01-01T00:10:00.000000Z"


def test_without_a_range_it_begins_with_the_first_entry(path, fill, make_record):
    fill(path, [make_record(5 * MINUTE_US + 7), make_record(6 * MINUTE_US)])

    assert summary(path).from_ == "1970-01-01T00:05:00.000007Z"


def test_groups_of_time_have_no_holes(path, fill, make_record):
    fill(path, [make_record(MINUTE_US), make_record(4 * MINUTE_US)])
    found = summary(path, by="time", step_s=60, from_us=0, to_us=5 * MINUTE_US)

    assert groups(found) == {
        f"1970-01-01T00:0{minute}:00.000000Z": count for minute, count in enumerate([0, 1, 0, 0, 1])
    }
    assert found.groups[0].latency_us is None


def test_minutes_answer_when_their_entries_are_gone(path, fill, make_record):
    fill(path, [make_record(i * MINUTE_US, latency_us=i) for i in range(1, 9)])
    store = open_store(path)
    LogStore(store._database, kept=Retention(entries_max=2)).prune(8 * MINUTE_US)
    store.close()

    found = summary(path, from_us=2 * MINUTE_US, to_us=9 * MINUTE_US)
    assert (found.count, found.latency_us.max) == (7, 8)
    assert summary(path).from_ == "1970-01-01T00:01:00.000000Z"
    assert summary(path, min_latency_us=0).count == 2


def test_long_ranges_are_added_up_in_parts(path, fill, make_record, monkeypatch):
    monkeypatch.setattr(limits, "LOG_SCAN_UNITS", 2)
    monkeypatch.setattr(limits, "LOG_SCAN_ENTRIES", 3)
    made = [make_record(i * MINUTE_US // 2, latency_us=i) for i in range(20)]
    fill(path, made)

    assert_same(summary(path), made)
    assert_same(summary(path, min_latency_us=0), made)
    assert_same(summary(path, min_latency_us=7), made[7:])


def test_the_dropped_are_told_by_time(path, fill, make_record):
    fill(path, [make_record(MINUTE_US)], dropped=3, now_us=MINUTE_US)
    fill(path, [make_record(5 * MINUTE_US)], dropped=2, now_us=5 * MINUTE_US)

    assert summary(path, dropped=4).dropped == 9
    assert summary(path, from_us=0, to_us=2 * MINUTE_US).dropped == 3
    assert summary(path, from_us=5 * MINUTE_US + 1, route="/none").dropped == 2


@pytest.mark.parametrize(
    ("range_s", "step_s"),
    [(1, 1), (120, 1), (600, 5), (601, 60), (7_200, 60), (86_400, 900), (30 * 86_400, 21_600)],
)
def test_the_step_suits_a_chart(range_s, step_s):
    axis = axis_of(0, range_s * 1_000_000, None)

    assert axis.step_s == step_s


@given(st.integers(0, 2**48), st.integers(0, 2**52))
def test_there_are_at_most_120_groups_unless_asked(from_us, range_us):
    axis = axis_of(from_us, from_us + range_us, None)

    assert axis.groups <= limits.LOG_TIME_BUCKETS_DEFAULT_MAX


def test_too_many_groups_are_refused(path):
    with pytest.raises(ClientelaError, match="greater step_s") as raised:
        summary(path, by="time", step_s=1, from_us=0, to_us=10**12)
    assert raised.value.errors[0].field == "step_s"


def test_latencies_by_route_do_not_mix(path, fill, make_record):
    made = [make_record(MINUTE_US, route=f"/{i % 3}", latency_us=10**i) for i in range(6)]
    fill(path, made)
    found = summary(path, by="route")

    assert groups(found) == {"/0": 2, "/1": 2, "/2": 2}
    for group in found.groups:
        assert_same(group, [record for record in made if record.route == group.key])


@pytest.mark.parametrize(
    ("text", "time_us"),
    [
        ("1970-01-01T00:00:01Z", 1_000_000),
        ("1970-01-01t00:00:01.5z", 1_500_000),
        ("1970-01-01 01:00:00+01:00", 0),
        ("1970-01-01T00:00:00.123456789Z", 123_456),
        ("1969-12-31T23:59:59Z", -1_000_000),
    ],
)
def test_times_of_rfc_3339_are_read(text, time_us):
    assert parse_time(text) == time_us


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "1970-01-01",
        "1970-01-01T00Z",
        "1970-01-01T00:00:01",
        "1970-13-01T00:00:00Z",
        "1970-01-01T00:00:00 01:00",
        "1970-01-01T00:00:00.Z",
        "١٩٧٠-01-01T00:00:00Z",
    ],
)
def test_other_texts_are_no_times(text):
    with pytest.raises(ValueError, match=r"."):
        parse_time(text)


@given(st.integers(0, 2**52))
def test_times_are_written_as_they_are_read(time_us):
    assert parse_time(format_time(time_us)) == time_us
