import pytest

from clientela.log_facade import parts
from clientela.log_facade.parts import Running
from clientela.log_facade.record import NO_TRACE

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


@pytest.fixture
def running():
    request = Running(bytes.fromhex(TRACE))
    token = parts.enter_request(request)
    yield request
    parts.leave_request(token)


def test_parts_of_the_same_name_add_up(running):
    ticks = iter([0, 5_000, 10_000, 12_000])
    for _ in range(2):
        with parts.timing("db", clock=lambda: next(ticks)):
            pass

    assert running.parts_ns == {"db": 7_000}


def test_a_part_that_raises_is_still_counted(running):
    with pytest.raises(KeyError), parts.timing("db"):
        raise KeyError

    assert set(running.parts_ns) == {"db"}


def test_outside_a_request_timing_does_nothing():
    with parts.timing("db"):
        pass

    assert parts.traceparent() is None


def test_the_trace_is_handed_on(running):
    assert running.parts_ns is None
    assert parts.trace_of([(b"traceparent", parts.traceparent().encode())]).hex() == TRACE


def test_a_traceparent_gives_the_trace():
    assert parts.trace_of([(b"host", b"x"), (b"traceparent", PARENT.encode())]).hex() == TRACE


def test_a_later_version_may_have_more_fields():
    later = "01" + PARENT[2:] + "-more"

    assert parts.trace_of([(b"traceparent", later.encode())]).hex() == TRACE


@pytest.mark.parametrize(
    "value",
    [
        "",
        "nonsense",
        PARENT + "-more",
        PARENT.upper(),
        "ff" + PARENT[2:],
        "01" + PARENT[2:] + "x",
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-{TRACE}-{'0' * 16}-01",
        PARENT.replace("0af", "0ag"),
        PARENT[:-1] + "-",
    ],
)
def test_a_malformed_traceparent_is_none(value):
    assert parts.trace_of([(b"traceparent", value.encode())]) == NO_TRACE


def test_two_traceparents_are_none():
    headers = [(b"traceparent", PARENT.encode())] * 2

    assert parts.trace_of(headers) == NO_TRACE


def test_a_trace_is_made_when_it_is_handed_on_and_stays():
    token = parts.enter_request(running := parts.Running(NO_TRACE))
    first, second = parts.traceparent(), parts.traceparent()
    parts.leave_request(token)

    assert first.split("-")[1] == second.split("-")[1] == running.trace_id.hex()
    assert running.trace_id != NO_TRACE
