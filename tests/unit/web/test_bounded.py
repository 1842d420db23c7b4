"""What one connection may ask of a service, with bounds made small; over real sockets."""

import asyncio
import json
import time

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from clientela import limits
from clientela.feed.followers import FOLLOWERS
from clientela.web import bounded
from clientela.web.arrival import ArrivalProtocol
from clientela.web.fast_path import FastProtocol, Heads

SOON_S = 0.3
SLOW_S = 10


class Never:
    """A fast path that answers nothing: the bounds are the same with one."""

    prefix = b"/key/"
    key_bytes = 4

    def known(self, _target, _headers):
        return None

    def is_plain(self, _headers):
        return False

    def answer(self, *_):
        return False


class Host:
    """An application that holds what it is told to hold, and what it saw."""

    def __init__(self):
        self.scopes = []
        self.left = 0

    async def __call__(self, scope, receive, send):
        self.scopes.append(scope)
        body = b""
        if scope["path"] == "/body":
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    self.left += 1
                    return
                body, more = body + message["body"], message["more_body"]
        if scope["path"] == "/slow":
            await asyncio.sleep(SOON_S)
        headers = [(b"content-length", b"%d" % len(body or b"ok"))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body or b"ok"})


@pytest.fixture
def host():
    return Host()


@pytest.fixture(params=["application", "fast path"])
async def port(request, host, serving):
    heads = Heads(Never())

    def fast(**options):
        return FastProtocol(heads, **options)

    protocol = fast if request.param == "fast path" else ArrivalProtocol
    async with serving(host, protocol, timeout_keep_alive=0.5) as port:
        yield port


def get(path="/", *headers, method="GET"):
    return "\r\n".join([f"{method} {path} HTTP/1.1", "host: localhost", *headers, "", ""]).encode()


async def answer(reader, *, head=False):
    """Read one answer; gives its status, its head in lower case, and its body."""
    told = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(told.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return int(told.split()[1]), told, b"" if head else await reader.readexactly(length)


async def refused(reader, status, code):
    """Read the last answer of a connection: one problem, and the end."""
    async with asyncio.timeout(SLOW_S):
        found, head, body = await answer(reader)
        rest = await reader.read()
    problem = json.loads(body)
    assert (found, problem["status"], problem["code"], rest) == (status, status, code, b"")
    assert b"content-type: application/problem+json" in head
    assert b"connection: close" in head
    assert b"x-content-type-options: nosniff" in head
    return problem


def test_uvicorn_still_has_what_is_overridden():
    for name in (
        "connection_made",
        "connection_lost",
        "data_received",
        "on_message_begin",
        "on_headers_complete",
        "on_body",
        "on_message_complete",
        "on_response_complete",
        "send_400_response",
        "timeout_keep_alive_handler",
        "_unset_keepalive_if_required",
    ):
        assert name in vars(HttpToolsProtocol), name


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        ("/?" + "q" * limits.TARGET_BYTES_MAX, [], 414, "target-too-long"),
        ("/", ["x: " + "y" * limits.HEAD_BYTES_MAX], 431, "head-too-large"),
        ("/", ["x" * limits.HEAD_BYTES_MAX + ": y"], 431, "head-too-large"),
        ("/", ["x: y"] * limits.HEADERS_ITEMS_MAX, 431, "head-too-large"),
        ("/", [f"x{n}: {'y' * 1_000}" for n in range(40)], 431, "head-too-large"),
    ],
)
async def test_a_head_beyond_a_bound_is_refused(
    port, connection, host, path, headers, status, code
):
    async with connection(port) as (reader, writer):
        writer.write(get(path, *headers))
        await refused(reader, status, code)

    assert host.scopes == []


async def test_a_head_at_the_bounds_is_taken(port, connection):
    used = len(b"/host: localhost\r\n")
    per_line = (limits.HEAD_BYTES_MAX - used) // 90 - len(b"x01: \r\n")
    async with connection(port) as (reader, writer):
        for request in (
            get("/" + "p" * (limits.TARGET_BYTES_MAX - 1)),
            get("/", *(f"x{n:02d}: {'y' * per_line}" for n in range(90))),
            get("/", *["x: y"] * (limits.HEADERS_ITEMS_MAX - 1)),
        ):
            writer.write(request)
            assert (await answer(reader))[0] == 200


async def test_a_head_that_never_ends_is_refused_before_it_fills_the_memory(port, connection):
    async with connection(port) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nx: ")
        sent = 0
        while sent < 100 * limits.HEAD_BYTES_MAX and not reader.at_eof():
            writer.write(b"y" * 16_384)
            sent += 16_384
            await asyncio.sleep(0.005)
            if len(reader._buffer):
                break
        await refused(reader, 431, "head-too-large")

    assert sent <= limits.HEAD_BYTES_MAX + 10 * 16_384


async def test_a_head_that_comes_slowly_is_refused(port, connection, monkeypatch):
    monkeypatch.setattr(limits, "HEAD_S", 0.5)
    async with connection(port) as (reader, writer):
        begun = time.monotonic()
        for byte in get("/", "x: " + "y" * 50):
            writer.write(bytes([byte]))
            await asyncio.sleep(0.05)
            if reader._buffer:
                break
        await refused(reader, 408, "too-slow")

    assert time.monotonic() - begun < 2


async def test_who_says_nothing_is_let_go(port, connection):
    async with connection(port) as (reader, _), asyncio.timeout(SLOW_S):
        assert await reader.read() == b""


async def test_who_says_nothing_more_is_let_go(port, connection):
    async with connection(port) as (reader, writer), asyncio.timeout(SLOW_S):
        writer.write(get())
        assert (await answer(reader))[0] == 200
        assert await reader.read() == b""


async def test_a_body_that_comes_slowly_is_refused_and_its_handler_hears_of_it(
    port, connection, host, monkeypatch
):
    monkeypatch.setattr(limits, "BODY_LOOK_S", 0.5)
    monkeypatch.setattr(limits, "BODY_PER_LOOK_BYTES_MIN", 1_000)
    async with connection(port) as (reader, writer):
        writer.write(get("/body", "content-length: 100000", method="POST"))
        for _ in range(40):
            writer.write(b"x")
            await asyncio.sleep(0.05)
            if reader._buffer:
                break
        await refused(reader, 408, "too-slow")

    assert host.left == 1


async def test_a_body_that_comes_fast_enough_may_take_its_time(port, connection, monkeypatch):
    monkeypatch.setattr(limits, "BODY_LOOK_S", 0.2)
    monkeypatch.setattr(limits, "BODY_PER_LOOK_BYTES_MIN", 500)
    async with connection(port) as (reader, writer):
        writer.write(get("/body", "content-length: 20000", method="POST"))
        for _ in range(10):
            writer.write(b"x" * 2_000)
            await asyncio.sleep(0.05)
        status, _, body = await answer(reader)

    assert (status, len(body)) == (200, 20_000)


async def test_a_body_that_nobody_reads_ends_its_connection(port, connection, monkeypatch):
    monkeypatch.setattr(limits, "BODY_UNREAD_BYTES_MAX", 100_000)
    async with connection(port) as (reader, writer):
        writer.write(get("/other", "content-length: 100000000", method="POST"))
        assert (await answer(reader))[0] == 200
        sent = 0
        while sent < 10_000_000 and not writer.transport.is_closing():
            writer.write(b"x" * 65_536)
            sent += 65_536
            await asyncio.sleep(0.01)

    assert sent < 10_000_000


async def test_trailers_are_no_headers(port, connection, host):
    async with connection(port) as (reader, writer):
        writer.write(get("/body", "transfer-encoding: chunked", method="POST"))
        await asyncio.sleep(0.05)
        writer.write(b"2\r\nhi\r\n0\r\nauthorization: Bearer x\r\nif-match: y\r\n\r\n")
        assert (await answer(reader))[2] == b"hi"

    (scope,) = host.scopes
    assert [name for name, _ in scope["headers"]] == [b"host", b"transfer-encoding"]


@pytest.mark.parametrize("start", [b"0\r\nx: ", b"2;x="])
async def test_what_comes_beside_a_body_is_bounded_too(port, connection, start):
    async with connection(port) as (reader, writer):
        writer.write(get("/body", "transfer-encoding: chunked", method="POST"))
        writer.write(start)
        await writer.drain()
        for _ in range(10):
            writer.write(b"y" * 16_384)
            await asyncio.sleep(0.01)
        await refused(reader, 431, "head-too-large")


async def test_what_is_wrong_is_told_behind_the_answers_before(port, connection):
    async with connection(port) as (reader, writer):
        writer.write(get("/slow") + get("/after") + b"nonsense\r\n\r\n" + get("/never"))
        assert [(await answer(reader))[2] for _ in range(2)] == [b"ok", b"ok"]
        await refused(reader, 400, "malformed")


async def test_a_broken_body_loses_no_answer_before_it(port, connection, host):
    async with connection(port) as (reader, writer):
        writer.write(get("/slow") + get("/body", "transfer-encoding: chunked") + b"nonsense")
        assert (await answer(reader))[2] == b"ok"
        await refused(reader, 400, "malformed")

    assert [scope["path"] for scope in host.scopes] == ["/slow"]


async def test_requests_that_wait_on_one_connection_are_bounded(port, connection, host):
    bound = limits.PIPELINED_REQUESTS_MAX
    async with connection(port) as (reader, writer):
        writer.write(get("/slow") + get() * 2 * bound)
        assert [(await answer(reader))[0] for _ in range(bound + 1)] == [200] * (bound + 1)
        await refused(reader, 503, "overloaded")

    assert len(host.scopes) == bound + 1


async def test_too_many_requests_at_once_are_turned_away_and_may_stay(
    port, connection, monkeypatch
):
    monkeypatch.setattr(limits, "HANDLED_REQUESTS_MAX", 1)
    monkeypatch.setattr(limits, "TURNED_AWAY_S", 0.01)
    async with connection(port) as (slow, busy), connection(port) as (reader, writer):
        busy.write(get("/slow"))
        await asyncio.sleep(SOON_S / 3)
        writer.write(get("/body", "content-length: 2", method="POST") + b"{}")
        status, head, body = await answer(reader)
        writer.write(get("/", method="HEAD"))
        of_head = await answer(reader, head=True)
        writer.write(get("/livez"))
        alive = await answer(reader)
        assert (await answer(slow))[0] == 200
        await asyncio.sleep(0.05)  # its task ends just after
        writer.write(get("/body", "content-length: 2", method="POST") + b"{}")
        then = await answer(reader)

    assert (status, json.loads(body)["code"], json.loads(body)["instance"]) == (
        503,
        "overloaded",
        "/body",
    )
    assert b"retry-after: " in head
    assert b"connection: close" not in head
    assert of_head[0] == 503
    assert alive[0] == 200
    assert (then[0], then[2]) == (200, b"{}")


async def test_who_was_turned_away_is_not_heard_for_a_moment(port, connection, monkeypatch):
    monkeypatch.setattr(limits, "HANDLED_REQUESTS_MAX", 0)
    monkeypatch.setattr(limits, "TURNED_AWAY_S", 0.3)
    async with connection(port) as (reader, writer):
        begun_s = time.monotonic()
        writer.write(get())
        first = await answer(reader), time.monotonic() - begun_s
        writer.write(get())
        second = await answer(reader), time.monotonic() - begun_s

    assert (first[0][0], second[0][0]) == (503, 503)
    assert first[1] < 0.2 < second[1]


async def test_who_waits_with_a_body_to_be_asked_for_it_is_turned_away_for_good(
    port, connection, monkeypatch
):
    monkeypatch.setattr(limits, "HANDLED_REQUESTS_MAX", 0)
    async with connection(port) as (reader, writer):
        writer.write(get("/body", "content-length: 2", "expect: 100-continue", method="POST"))
        await refused(reader, 503, "overloaded")


async def test_followers_are_not_counted_among_requests(port, connection, monkeypatch):
    monkeypatch.setattr(limits, "HANDLED_REQUESTS_MAX", 1)
    monkeypatch.setattr(FOLLOWERS, "count", 1)
    async with connection(port) as (slow, busy), connection(port) as (reader, writer):
        busy.write(get("/slow"))
        await asyncio.sleep(SOON_S / 3)
        writer.write(get())
        assert (await answer(reader))[0] == 200
        assert (await answer(slow))[0] == 200


async def test_too_many_connections_are_told_so_and_more_are_closed(port, connection, monkeypatch):
    monkeypatch.setattr(bounded, "connections_max", lambda: 2)
    monkeypatch.setattr(limits, "REFUSED_CONNECTIONS_MAX", 1)
    async with connection(port) as (first, one), connection(port) as (second, two):
        for reader, writer in ((first, one), (second, two)):
            writer.write(get())
            assert (await answer(reader))[0] == 200
        async with connection(port) as (third, three):
            await asyncio.sleep(0.05)
            async with connection(port) as (fourth, _):
                assert await fourth.read() == b""
            three.write(get())
            await refused(third, 503, "overloaded")


async def test_an_upgrade_is_not_made_and_ends_the_connection(port, connection):
    async with connection(port) as (reader, writer):
        writer.write(get("/", "connection: upgrade, http2-settings", "upgrade: h2c"))
        status, head, _ = await answer(reader)
        async with asyncio.timeout(SLOW_S):
            assert await reader.read() == b""

    assert status == 200
    assert b"connection: close" in head
