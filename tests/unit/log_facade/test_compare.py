import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clientela.log_facade.compare import CompareOf, read_comparison
from clientela.log_facade.files import LogFile
from clientela.log_facade.filters import Filters
from clientela.log_facade.summary import SummaryOf, read_summary

HOUR_US = 3_600_000_000
NOW_US = 100 * HOUR_US


def compare(path, by="route", against=(None, None), now_us=NOW_US, **filters):
    file = LogFile(path)
    try:
        return read_comparison([file], CompareOf(Filters(**filters), against, by, now_us))
    finally:
        file.close()


def summary(path, by, **filters):
    file = LogFile(path)
    try:
        return read_summary([file], SummaryOf(Filters(**filters), by, None, NOW_US))
    finally:
        file.close()


@pytest.fixture
def hours(path, fill, make_record):
    """Fill the last hour and the one before: (route, latencies before, latencies now)."""

    def hours(*routes):
        made = []
        for route, before, now in routes:
            for start_us, latencies in ((NOW_US - 2 * HOUR_US, before), (NOW_US - HOUR_US, now)):
                made += [
                    make_record(start_us + i * 1_000, route=route, latency_us=us)
                    for i, us in enumerate(latencies)
                ]
        fill(path, made)
        return path

    return hours


def test_what_slowed_down_comes_first_and_few_requests_do_not_lead(hours):
    path = hours(
        ("/same", [100] * 500, [100] * 900),
        ("/faster", [100] * 500, [50] * 500),
        ("/slower", [100] * 10_000, [120] * 10_000),
        ("/much-slower", [100] * 500, [400] * 500),
        ("/rare", [100] * 3, [3_000] * 3),
        ("/new", [], [5_000] * 300),
    )
    found = compare(path).groups

    assert [group.key for group in found] == [
        "/much-slower",
        "/slower",
        "/rare",
        "/same",
        "/new",
        "/faster",
    ]
    by_key = {group.key: group for group in found}
    assert by_key["/much-slower"].ratio.p95 == pytest.approx(4, 0.09)
    assert by_key["/much-slower"].slowdown == pytest.approx(4 ** (500 / 600), 0.09)
    assert by_key["/faster"].slowdown == pytest.approx(2 ** (-500 / 600), 0.09)
    assert (by_key["/new"].ratio, by_key["/new"].slowdown) == (None, 1)
    assert (by_key["/new"].against.count, by_key["/new"].against.latency_us) == (0, None)


def test_without_times_the_last_hour_is_compared_with_the_one_before(hours):
    found = compare(hours(("/a", [100] * 2, [100] * 3)))

    assert (found.total.now.count, found.total.against.count) == (3, 2)
    assert (found.from_, found.to) == ("1970-01-05T03:00:00.000000Z", "1970-01-05T04:00:00.000000Z")
    assert (found.against_from, found.against_to) == ("1970-01-05T02:00:00.000000Z", found.from_)


@pytest.mark.parametrize(
    ("window", "against", "expected"),
    [
        ((10, 12), (None, None), (8, 10)),
        ((10, 12), (3, None), (3, 5)),
        ((10, 12), (None, 7), (5, 7)),
        ((10, 12), (1, 7), (1, 7)),
        ((None, 12), (None, None), (10, 11)),
        ((98, None), (None, None), (96, 98)),
    ],
)
def test_the_other_window_has_the_same_length_where_it_is_not_said(path, window, against, expected):
    def at(hour):
        return None if hour is None else hour * HOUR_US

    found = compare(
        path, from_us=at(window[0]), to_us=at(window[1]), against=tuple(map(at, against))
    )

    same = compare(path, from_us=at(expected[0]), to_us=at(expected[1]))
    assert (found.against_from, found.against_to) == (same.from_, same.to)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    some=st.lists(
        st.tuples(
            st.integers(90 * HOUR_US, NOW_US - 1),
            st.sampled_from(["/client", "/logs"]),
            st.sampled_from([200, 404, 500]),
            st.integers(0, 10**7),
        ),
        max_size=60,
    ),
    by=st.sampled_from(["route", "facade", "status"]),
    status=st.none() | st.just((200, 299)),
    middle=st.integers(90 * HOUR_US + 1, NOW_US - 1),
)
def test_both_windows_say_what_their_summaries_say(
    tmp_path_factory, fill, make_record, some, by, status, middle
):
    path = tmp_path_factory.mktemp("logs") / "logs.db"
    fill(path, [make_record(t, route=r, status=code, latency_us=us) for t, r, code, us in some])
    first, second = (90 * HOUR_US, middle), (middle, NOW_US)
    found = compare(path, by, first, from_us=second[0], to_us=second[1], status=status)

    for side, (from_us, to_us) in (("now", second), ("against", first)):
        expected = summary(path, by, from_us=from_us, to_us=to_us, status=status)
        numbers = {
            group.key: getattr(group, side) for group in found.groups if getattr(group, side).count
        }
        assert {key: (one.count, one.errors, one.error_rate) for key, one in numbers.items()} == {
            group.key: (group.count, group.errors, group.error_rate) for group in expected.groups
        }
        for group in expected.groups:
            few = numbers[group.key].latency_us
            whole = group.latency_us
            assert (few.p50, few.p95, few.p99) == (whole.p50, whole.p95, whole.p99)
        assert getattr(found.total, side).count == expected.count


def test_the_greatest_ratios_are_told(hours):
    found = compare(hours(("/up", [0] * 200, [10**12] * 200), ("/down", [10**12] * 200, [0] * 200)))

    up, down = found.groups
    assert up.ratio.p50 == pytest.approx(10**12, 0.044)
    assert down.ratio.p99 == pytest.approx(10**-12, 0.044)
    assert up.slowdown > 1 > down.slowdown > 0


def test_the_order_is_that_of_the_slowdown(hours):
    routes = ((f"/{i}", [100] * (10 * i + 1), [100 + 37 * (i % 5)] * 50) for i in range(20))
    slowdowns = [group.slowdown for group in compare(hours(*routes)).groups]

    assert slowdowns == sorted(slowdowns, reverse=True)
    assert slowdowns[0] > 1
