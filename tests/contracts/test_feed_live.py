"""The feed followed live: long-poll and SSE (sections 5.7, 5.8 and 8.1 of Durable Streams)."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple

import pytest

INTERVALS_BEGIN = 1_728_432_000  # 2024-10-09T00:00:00Z
SOON_S = 2.0


class Event(NamedTuple):
    name: str
    data: object
    at: float


def events(answer):
    """Read server-sent events as they arrive (WHATWG HTML, section 9.2.6)."""
    waiting = b""
    for chunk in answer.iter_raw():
        *blocks, waiting = (waiting + chunk).split(b"\n\n")
        for block in blocks:
            fields = [line.partition(b":")[::2] for line in block.split(b"\n")]
            name = b"".join(value for field, value in fields if field == b"event")
            data = b"\n".join(value for field, value in fields if field == b"data")
            yield Event(name.strip().decode(), json.loads(data), time.monotonic())


def follow(service, count, **parameters):
    """Read that many events."""
    query = {"live": "sse", **parameters}
    with service.stream("GET", service.changes, params=query) as answer:
        assert answer.status_code == 200, answer.read()
        stream = events(answer)
        return [next(stream) for _ in range(count)]


def poll(service, **parameters):
    return service.get(service.changes, params={"live": "long-poll", **parameters})


def present_interval():
    return int((time.time() - INTERVALS_BEGIN) // 20)


@pytest.fixture
def soon():
    """Do something after a moment, beside the test."""
    timers = []

    def later(work, *arguments, delay_s=0.3):
        timers.append(threading.Timer(delay_s, work, arguments))
        timers[-1].start()

    yield later
    for timer in timers:
        timer.join()


def test_long_poll_answers_at_once_when_something_follows(service, write):
    tail = service.tail()
    (receipt,) = service.submit(write("insert", set={"name": "Ana"}))
    began = time.monotonic()

    answer = poll(service, offset=tail)

    assert time.monotonic() - began < SOON_S
    assert [message["headers"]["version"] for message in answer.json()] == [receipt["version"]]
    assert answer.headers["stream-next-offset"] == receipt["version"]
    assert answer.headers["stream-up-to-date"] == "true"
    assert int(answer.headers["stream-cursor"]) >= present_interval() - 1
    assert answer.headers["cache-control"] == "private, max-age=60"


@pytest.mark.parametrize("at", ["now", "tail"])
def test_long_poll_waits_for_the_next_change(service, soon, write, at):
    tail = service.tail()
    sent = write("insert", set={"name": "Ana"})
    soon(service.submit, sent)

    answer = poll(service, offset="now" if at == "now" else tail)

    (message,) = answer.json()
    assert message["headers"]["write_id"] == sent["write_id"]
    assert answer.content == service.get(service.changes, params={"offset": tail}).content


@pytest.mark.parametrize("mode", ["long-poll", "sse"])
@pytest.mark.parametrize(
    ("given", "least"),
    [
        (None, lambda now, _: now),
        (-1, lambda now, _: now),
        (0, lambda _, given: given + 1),
        (1_000, lambda _, given: given + 1),
        ("x", lambda now, _: now),
        ("", lambda now, _: now),
    ],
)
def test_a_cursor_is_the_interval_or_more_than_the_followers(service, write, mode, given, least):
    service.submit(write("insert", set={"name": "Ana"}))
    now = present_interval()
    theirs = now + given if isinstance(given, int) else given
    cursor = {} if theirs is None else {"cursor": str(theirs)}

    if mode == "sse":
        told = follow(service, 2, offset="-1", **cursor)[1].data["streamCursor"]
    else:
        told = poll(service, offset="-1", **cursor).headers["stream-cursor"]

    # A second interval may begin while the test runs.
    assert int(told) - least(now, theirs) in (0, 1)


def test_sse_gives_data_and_after_it_control(service, write):
    tail = service.tail()
    writes = [write("insert", set={"name": name}) for name in ("Ana ❤\u2028", "Bia")]
    first, second = service.submit(*writes)

    data, control = follow(service, 2, offset=tail)

    assert (data.name, control.name) == ("data", "control")
    assert data.data == service.get(service.changes, params={"offset": tail}).json()
    assert [one["headers"]["write_id"] for one in data.data] == [
        first["write_id"],
        second["write_id"],
    ]
    assert control.data == {
        "streamNextOffset": second["version"],
        "streamCursor": control.data["streamCursor"],
        "upToDate": True,
    }


@pytest.mark.parametrize("offset", ["now", "tail"])
def test_sse_gives_control_at_once_when_there_is_no_data(service, offset):
    tail = service.tail()
    began = time.monotonic()

    (control,) = follow(service, 1, offset="now" if offset == "now" else tail)

    assert control.at - began < SOON_S
    assert control.name == "control"
    assert control.data["streamNextOffset"] == tail
    assert control.data["upToDate"] is True


def test_sse_follows_what_happens(service, soon, write):
    sent = [write("insert", set={"name": "Ana"}), write("insert", set={"name": "Bia"})]
    soon(service.submit, sent[0])
    soon(service.submit, sent[1], delay_s=0.8)

    first = follow(service, 5, offset="now")

    names = [event.name for event in first]
    told = [event.data[0]["headers"]["write_id"] for event in first if event.name == "data"]
    assert names == ["control", "data", "control", "data", "control"]
    assert told == [one["write_id"] for one in sent]
    assert first[4].data["streamNextOffset"] == service.tail()


def test_sse_is_an_event_stream_that_is_never_kept(service):
    query = {"live": "sse", "offset": "now"}

    with service.stream("GET", service.changes, params=query) as answer:
        headers = answer.headers

    assert headers["content-type"].startswith("text/event-stream")
    assert "no-store" in headers["cache-control"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "content-length" not in headers


def test_far_behind_sse_says_that_more_follows(service, write):
    tail = service.tail()
    service.submit(*[write("insert", set={"name": "Ana"}) for _ in range(1_000)])
    (last,) = service.submit(write("insert", set={"name": "Bia"}))

    first = follow(service, 4, offset=tail)

    assert [event.name for event in first] == ["data", "control", "data", "control"]
    assert [len(event.data) for event in first[::2]] == [1_000, 1]
    assert "upToDate" not in first[1].data
    assert first[3].data["upToDate"] is True
    assert first[3].data["streamNextOffset"] == last["version"]


def test_a_follower_at_the_facade_hears_what_was_written_at_the_server(server, facade, soon, write):
    sent = write("insert", set={"name": "Ana"})
    soon(server.submit, sent)

    _, data, _ = follow(facade, 3, offset="now")

    assert [one["headers"]["write_id"] for one in data.data] == [sent["write_id"]]


def test_what_was_written_at_a_facade_is_read_there_at_once(facade, write):
    for _ in range(20):
        (receipt,) = facade.submit(write("insert", set={"name": "Ana"}))

        assert facade.read(receipt["client_id"])["version"] == receipt["version"]
        assert facade.tail() >= receipt["version"]


def listen(programs, make):
    """Note what is heard where nothing happens: a whole long-poll, and an SSE's first events."""
    server = programs.server("quiet").start()
    facade = programs.facade(server.url, "quiet-facade").start()
    with (
        make("server", server.url) as one,
        make("facade", facade.url) as other,
        ThreadPoolExecutor(4) as threads,
    ):
        began = time.monotonic()
        heard = {
            service.name: (
                threads.submit(poll, service, offset="now"),
                threads.submit(follow, service, 3, offset="now"),
            )
            for service in (one, other)
        }
        return began, {name: [each.result() for each in both] for name, both in heard.items()}


@pytest.fixture(scope="module", autouse=True)
def listening(pair, shared_programs):
    """Listen beside the other tests here, for a silence is long."""
    with ThreadPoolExecutor(1) as thread:
        yield thread.submit(listen, shared_programs, type(pair["server"]))


@pytest.fixture(scope="module")
def silence(listening):
    return listening.result()


def test_a_long_poll_in_silence_is_204_after_twenty_seconds(service, silence):
    answer = silence[1][service.name][0]

    assert (answer.status_code, answer.content) == (204, b"")
    assert 19 < answer.elapsed.total_seconds() < 25
    assert answer.headers["stream-next-offset"] == "0000000001_00000000000000000000"
    assert answer.headers["stream-up-to-date"] == "true"
    assert int(answer.headers["stream-cursor"]) <= present_interval()
    assert answer.headers["cache-control"] == "no-store"


def test_in_silence_sse_repeats_control_within_five_seconds(service, silence):
    began, heard = silence
    controls = heard[service.name][1]

    times = [began, *(event.at for event in controls)]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert [event.name for event in controls] == ["control"] * 3
    assert max(gaps) < 5
    assert gaps[1] > 1
