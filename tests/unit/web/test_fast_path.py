"""What ``clientela.web.fast_path`` needs of uvicorn, and what it adds to it."""

import asyncio

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from clientela import limits
from clientela.web.fast_path import FastProtocol, Heads

IDLE_S = 1
LARGE = b"x" * 1_000_000


class Fast:
    """Answers GET /key/<4 letters> and GET /known, and counts how it was asked."""

    prefix = b"/key/"
    key_bytes = 4

    def __init__(self):
        self.parsed = self.answered = 0

    def known(self, target, _headers):
        self.parsed += 1
        return self._known if target == b"/known" else None

    def _known(self, told, received_ns, write):
        return self.answer(b"page", told, received_ns, write)

    def plain(self, headers):
        self.parsed += 1
        plain = all(name in (b"host", b"x-many") for name, _ in headers)
        return self.answer if plain else None

    def answer(self, key, told, _received_ns, write):
        assert told[0][0] == b"date"
        if not key.isalpha():
            return False
        self.answered += 1
        body = LARGE if key == b"many" else key
        write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
        return True


async def application(scope, _receive, send):
    body = LARGE if scope["path"] == "/key/many" else b"app:" + scope["path"].encode()
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def fast():
    return Fast()


@pytest.fixture
def heads(fast):
    return Heads(fast)


@pytest.fixture
async def port(heads, serving):
    def protocol(**options):
        return FastProtocol(heads, **options)

    async with serving(application, protocol, timeout_keep_alive=IDLE_S) as port:
        yield port


def get(path, *headers):
    return "\r\n".join([f"GET {path} HTTP/1.1", "host: localhost", *headers, "", ""]).encode()


async def body(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return await reader.readexactly(length)


async def asked(line, data):
    reader, writer = line
    writer.write(data)
    return await body(reader)


def test_uvicorn_still_has_what_is_overridden():
    for name in (
        "data_received",
        "on_headers_complete",
        "on_message_begin",
        "timeout_keep_alive_handler",
    ):
        assert name in vars(HttpToolsProtocol), name


async def test_a_head_is_parsed_once_and_known_around_any_key(port, connection, fast):
    async with connection(port) as line:
        bodies = [await asked(line, get(f"/key/{key}")) for key in ("anna", "bert", "carl")]

    assert bodies == [b"anna", b"bert", b"carl"]
    assert (fast.parsed, fast.answered) == (1, 3)


async def test_a_known_target_is_parsed_once(port, connection, fast):
    async with connection(port) as line:
        bodies = [await asked(line, get("/known")) for _ in range(3)]

    assert bodies == [b"page"] * 3
    assert (fast.parsed, fast.answered) == (1, 3)


async def test_what_the_fast_path_does_not_answer_goes_to_the_application(port, connection):
    async with connection(port) as line:
        paths = ("/key/anna", "/key/1234", "/other", "/key/annas")
        bodies = [await asked(line, get(path)) for path in paths]

    assert bodies == [b"anna", b"app:/key/1234", b"app:/other", b"app:/key/annas"]


async def test_requests_that_arrive_together_are_answered_in_their_order(port, connection):
    paths = ["/key/anna", "/other", "/key/bert", "/known", "/key/1234", "/key/carl"]
    async with connection(port) as (reader, writer):
        writer.write(b"".join(map(get, paths)))
        bodies = [await body(reader) for _ in paths]

    assert bodies == [b"anna", *(b"app:" + path.encode() for path in paths[1:])]


async def test_a_head_that_came_in_parts_or_with_others_is_not_learned(port, connection, heads):
    async with connection(port) as (reader, writer):
        request = get("/key/anna", "x-many: 1")
        writer.write(request[:9])
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(request[9:])
        await body(reader)
        writer.write(request + request)
        await body(reader)
        await body(reader)

    assert heads.known == {}


async def test_the_heads_that_are_remembered_are_bounded(port, connection, heads):
    async with connection(port) as line:
        for number in range(limits.FAST_HEADS_ITEMS_MAX + 20):
            await asked(line, get("/key/anna", f"x-many: {number}"))
        await asked(line, get("/key/anna", "x-many: " + "x" * limits.FAST_HEAD_BYTES_MAX))

    assert 0 < len(heads.known) <= limits.FAST_HEADS_ITEMS_MAX


async def test_a_connection_in_use_stays_and_an_idle_one_is_closed(port, connection):
    async with connection(port) as line:
        for _ in range(4):
            assert await asked(line, get("/key/anna")) == b"anna"
            await asyncio.sleep(IDLE_S / 2)
        async with asyncio.timeout(3 * IDLE_S):
            assert await line[0].read() == b""


async def test_who_does_not_finish_a_head_is_told_so_and_let_go(port, connection, monkeypatch):
    monkeypatch.setattr(limits, "HEAD_S", IDLE_S)
    async with connection(port) as (reader, writer):
        writer.write(get("/key/anna")[:-2])
        async with asyncio.timeout(3 * IDLE_S):
            assert (await reader.read()).startswith(b"HTTP/1.1 408 ")


async def test_who_does_not_read_waits_in_the_application_s_way(port, connection, fast):
    asked_for = 40
    async with connection(port) as (reader, writer):
        for _ in range(asked_for):
            writer.write(get("/key/many"))
            await asyncio.sleep(0.002)
        by_the_fast_path = fast.answered
        bodies = [len(await body(reader)) for _ in range(asked_for)]

    assert bodies == [len(LARGE)] * asked_for
    assert by_the_fast_path < asked_for
