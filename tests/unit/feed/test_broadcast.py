"""Many followers of one log, over real connections: what each is sent, and when it is let go."""

import asyncio
import contextlib
import gc
import json
import re
import socket
import ssl
import subprocess
import weakref

import pytest
from fastapi import FastAPI, Request

from clientela import limits
from clientela.feed.connection import Unwinding
from clientela.feed.endpoint import Feed
from clientela.feed.position import Position
from clientela.log_facade.middleware import LatencyMiddleware
from clientela.web.arrival import ArrivalProtocol

CHUNK = re.compile(rb"([0-9a-f]+)\r\n")
TOLD_ONCE = re.compile(rb"(date|server-timing): [^\r]*\r\n")


def get(query, *headers, method="GET", version="1.1"):
    lines = [f"{method} /?{query} HTTP/{version}", "host: localhost", *headers, "", ""]
    return "\r\n".join(lines).encode()


FOLLOW = get("offset=now&live=sse")


def body_of(answer):
    """Take a chunked answer apart; fails unless it is whole."""
    _, _, rest = answer.partition(b"\r\n\r\n")
    body = b""
    while True:
        size = CHUNK.match(rest)
        length, start = int(size[1], 16), size.end()
        assert rest[start + length : start + length + 2] == b"\r\n"
        body, rest = body + rest[start : start + length], rest[start + length + 2 :]
        if not length:
            assert rest == b""
            return body


def told(body):
    """Give the numbers and the offsets that a stream told, in order."""
    numbers, offsets = [], []
    for block in body.split(b"\n\n"):
        name, _, data = block.partition(b"\ndata:")
        if name == b"event: data":
            numbers += json.loads(data)
        elif name == b"event: control":
            offsets.append(json.loads(data)["streamNextOffset"])
    return numbers, offsets


async def until(condition, timeout_s=20):
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.005)


def heard_all(lines, log):
    """Tell whether the followers know that they have all there is."""
    return all(told_last(line) == log.tail.position for line in lines)


def told_last(line):
    """Give the position that a follower was told last."""
    found = line.heard.rfind(b'"streamNextOffset":"')
    text = bytes(line.heard[found + 20 : found + 51]).decode()
    return Position.parse(text) if len(text) == 31 else None


def are_over(lines):
    return all(line.heard.endswith(b"\r\n0\r\n\r\n") for line in lines)


class Line(asyncio.Protocol):
    """A follower's end of a connection, that keeps what it hears."""

    def __init__(self):
        self.heard = bytearray()
        self.closed = asyncio.get_running_loop().create_future()

    def data_received(self, data):
        self.heard += data

    def connection_lost(self, _error):
        self.closed.set_result(None)


@contextlib.asynccontextmanager
async def following(served, count=1, request=FOLLOW):
    """Open followers; they have heard that they follow."""
    loop = asyncio.get_running_loop()
    lines = []
    for _ in range(count):
        transport, line = await loop.create_connection(Line, "127.0.0.1", served.port)
        line.transport = transport
        transport.write(request)
        lines.append(line)
    try:
        await until(lambda: all(b"event: control" in line.heard for line in lines))
        yield lines
    finally:
        for line in lines:
            line.transport.abort()


@pytest.fixture
def log(numbers):
    return numbers(3)


@pytest.fixture
def served(log, serving, application):
    """Serve the log's feed, with connections that can be written to."""
    return serving(Unwinding(application(Feed(lambda: log))))


async def test_every_follower_hears_each_change_of_a_burst_in_order(log, served):
    async with served as address, following(address, 1_000) as lines:
        for size in (1, 1, 7, 1_500, 1, 90):
            log.append(size)
            await asyncio.sleep(0.01)
        await until(lambda: heard_all(lines, log))
        log.tail.close()
        await until(lambda: are_over(lines))

    bodies = {body_of(bytes(line.heard)) for line in lines}
    for numbers, offsets in map(told, bodies):
        assert numbers == list(range(4, 1_604))
        assert offsets == sorted(offsets)
        assert offsets[-1] == str(Position(1, 1_603))
    assert len(log.reads) < 100  # shared


async def test_who_joins_amid_a_burst_misses_nothing(log, served):
    async def write():
        for _ in range(200):
            log.append()
            await asyncio.sleep(0.002)

    async with served as address, contextlib.AsyncExitStack() as stack:
        writing = asyncio.create_task(write())
        joined = []
        for _ in range(40):
            start = log.tail.position
            request = get(f"offset={start}&live=sse")
            lines = await stack.enter_async_context(following(address, 1, request))
            joined.append((start.version, *lines))
        await writing
        lines = [line for _, line in joined]
        await until(lambda: heard_all(lines, log))
        log.tail.close()
        await until(lambda: are_over(lines))

    for start, line in joined:
        assert told(body_of(bytes(line.heard)))[0] == list(range(start + 1, 204))
    assert len({start for start, _ in joined}) > 5


async def test_both_ways_send_the_same_bytes(numbers, serving, application, monkeypatch):
    monkeypatch.setattr("clientela.feed.request.time.time", lambda: 1_800_000_000.0)
    requests = [
        get(f"{query}&live=sse")
        for query in ("offset=now", "offset=-1", "offset=now&cursor=9000000", "offset=-1&cursor=x")
    ]

    async def heard(protocol):
        log = numbers(1_200)
        app = Unwinding(application(Feed(lambda: log)))
        async with serving(app, protocol) as address, contextlib.AsyncExitStack() as stack:
            lines = []
            for request in requests:
                lines += await stack.enter_async_context(following(address, 1, request))
            for size in (0, 1, 3, 2_100):
                log.append(size)
                await until(lambda: heard_all(lines, log))
            log.tail.close()
            await until(lambda: are_over(lines))
            return [TOLD_ONCE.sub(b"", bytes(line.heard)) for line in lines]

    by_connection = await heard(ArrivalProtocol)
    by_asgi = await heard(ArrivalProtocol.__base__)

    assert by_connection == by_asgi
    assert len({body_of(answer) for answer in by_asgi}) == 3


async def test_a_cursor_is_ones_own_when_it_is_ahead(log, served):
    ahead = get("offset=now&live=sse&cursor=9000000")
    async with served as address, following(address) as one, following(address, 1, ahead) as other:
        log.append()
        await until(lambda: b"event: data" in one[0].heard and b"event: data" in other[0].heard)

    assert b'"streamCursor":"9000001"' in other[0].heard.partition(b"event: data")[2]
    assert b'"streamCursor":"9000001"' not in one[0].heard


async def test_followers_of_a_filtered_log_hear_what_passes(numbers, serving):
    log = numbers()

    class Even(numbers):
        """The even numbers of the log, as ``/logs/tail`` filters: with the same end."""

        def __init__(self):
            super().__init__()
            self.tail = log.tail

        async def read(self, after, limit):
            batch = await super().read(after, limit)
            return batch._replace(messages=[m for m in batch.messages if int(m) % 2 == 0])

    app = FastAPI()

    @app.get("/")
    async def read(request: Request, even: int = 0):
        return await Feed(lambda: Even() if even else log).answer(request)

    evens = get("offset=now&live=sse&even=1")
    async with (
        serving(Unwinding(app)) as address,
        following(address, 3) as all_of_them,
        following(address, 3, evens) as only_even,
    ):
        for number in range(1, 6):
            log.append()
            place = str(Position(1, number)).encode()
            lines = all_of_them + only_even
            await until(lambda place=place, lines=lines: all(place in each.heard for each in lines))
        log.tail.close()
        await until(lambda: are_over(lines))

    offsets = [str(Position(1, number)) for number in range(6)]
    assert {line: told(body_of(bytes(line.heard))) for line in lines} == {
        **dict.fromkeys(all_of_them, ([1, 2, 3, 4, 5], offsets)),
        **dict.fromkeys(only_even, ([2, 4], offsets)),
    }


async def test_a_follower_hears_a_word_in_silence(served, monkeypatch):
    monkeypatch.setattr(limits, "SSE_CONTROL_INTERVAL_S", 0.1)
    monkeypatch.setattr(limits, "SSE_LOOK_INTERVAL_S", 0.02)

    async with served as address, following(address, 3) as lines:
        await until(lambda: all(line.heard.count(b"event: control") >= 4 for line in lines))

    assert all(b"event: data" not in line.heard for line in lines)


async def test_streams_opened_together_end_one_by_one(served, monkeypatch):
    monkeypatch.setattr(limits, "SSE_CLOSE_S", 1)
    monkeypatch.setattr(limits, "SSE_LOOK_INTERVAL_S", 0.02)
    loop, ends = asyncio.get_running_loop(), []

    async with served as address:
        began = loop.time()

        async def follow():
            body_of(await address.raw(get("offset=now&live=sse", "connection: close")))
            ends.append(loop.time() - began)

        await asyncio.gather(*[follow() for _ in range(50)])

    assert min(ends) >= 0.85
    assert max(ends) - min(ends) > 0.2


def stuck(port, request=FOLLOW):
    """Open a follower that will not read, and has little room for what it does not."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    line.connect(("127.0.0.1", port))
    line.sendall(request)
    return line


async def test_a_slow_follower_is_let_go_and_comes_again_without_loss(
    numbers, serving, application, monkeypatch, caplog
):
    monkeypatch.setattr(limits, "SSE_BUFFERED_BYTES_MAX", 200_000)
    log = numbers(3, padding=b" " * 20_000)
    loop = asyncio.get_running_loop()
    app = Unwinding(application(Feed(lambda: log)))
    async with serving(app) as address, following(address) as (quick,):
        slow = stuck(address.port)
        await until(lambda: len(address.state.connections) == 2)
        await asyncio.sleep(0.1)
        took = []
        while len(address.state.connections) == 2:
            log.append()
            sent = loop.time()
            await until(lambda: told_last(quick) == log.tail.position)
            took.append(loop.time() - sent)
            assert len(took) < 2_000, "it was not let go"
        last = log.tail.position.version
        slow.settimeout(5)
        heard = await asyncio.to_thread(drain, slow)
        numbers_heard, offset = whole_events(heard)
        again = asyncio.create_task(
            address.raw(get(f"offset={offset}&live=sse", "connection: close"))
        )
        await asyncio.sleep(0.3)
        log.tail.close()
        rest = told(body_of(await again))[0]

    assert "too slowly" in caplog.text
    assert 0 < len(numbers_heard) < last - 3
    assert numbers_heard + rest == list(range(4, last + 1))
    assert max(took) < 1  # nobody waited for it


def drain(line):
    heard = b""
    with line, contextlib.suppress(OSError):
        while data := line.recv(65_536):
            heard += data
    return heard


def whole_events(answer):
    """Give the numbers and the last offset of a stream that was cut off."""
    _, _, rest = answer.partition(b"\r\n\r\n")
    body = b""
    while (size := CHUNK.match(rest)) and len(rest) >= size.end() + int(size[1], 16):
        body += rest[size.end() : size.end() + int(size[1], 16)]
        rest = rest[size.end() + int(size[1], 16) + 2 :]
    numbers, offsets = told(body)
    return numbers, offsets[-1]


async def test_who_does_not_read_even_the_past_is_let_go_at_its_time(
    numbers, serving, application, monkeypatch
):
    monkeypatch.setattr(limits, "SSE_CLOSE_S", 0.5)
    log = numbers(2_000, padding=b" " * 20_000)
    async with serving(Unwinding(application(Feed(lambda: log)))) as address:
        with stuck(address.port, get("offset=-1&live=sse")):
            await until(lambda: address.state.connections)
            await until(lambda: not address.state.connections, 10)


async def test_followers_that_leave_are_forgotten(served):
    gc.collect()
    gc.disable()  # what is left must go by itself: in the product old objects are hardly looked at
    try:
        async with served as address:
            async with following(address, 200):
                protocols = [weakref.ref(each) for each in address.state.connections]
                cycles = [weakref.ref(each().cycle) for each in protocols]
            await until(lambda: not address.state.connections)
            await until(lambda: not address.state.tasks)
            await asyncio.sleep(0.1)

            assert len(protocols) == 200
            assert [each for each in protocols if each() is not None] == []
            assert [each for each in cycles if each() is not None] == []
    finally:
        gc.enable()


async def test_followers_that_leave_amid_a_change_hold_up_nobody(log, served):
    async with served as address, following(address, 5) as staying:
        async with following(address, 400):
            log.append()
            await asyncio.sleep(0)  # it is being told just now
        log.append()
        await until(lambda: all(b"[5]" in line.heard for line in staying))
        await until(lambda: len(address.state.tasks) == 5)

    assert all(b"[4]" in line.heard for line in staying)


async def test_a_log_that_fails_lets_its_followers_go(log, served, caplog):
    async def fail(_after, _limit):
        raise OSError("the disk is gone")

    async with served as address, following(address, 3) as lines:
        log.read = fail
        log.append()
        await until(lambda: are_over(lines))

    assert "the disk is gone" in caplog.text


async def test_streams_end_when_the_past_becomes_another(log, served):
    async with served as address, following(address, 3) as lines:
        log.tail.advance(Position(1, 2))
        await until(lambda: are_over(lines))

    assert [told(body_of(bytes(line.heard)))[0] for line in lines] == [[]] * 3


async def test_a_connection_is_used_again_after_its_stream(served, monkeypatch):
    monkeypatch.setattr(limits, "SSE_CLOSE_S", 0.2)
    monkeypatch.setattr(limits, "SSE_LOOK_INTERVAL_S", 0.02)

    async with served as address, following(address) as (line,):
        await until(lambda: are_over([line]))
        line.heard.clear()
        line.transport.write(get("offset=-1"))
        await until(lambda: line.heard.endswith(b"[1,2,3]"))


async def test_a_pipelined_request_is_answered_after_the_stream(served, monkeypatch):
    monkeypatch.setattr(limits, "SSE_CLOSE_S", 0.3)
    monkeypatch.setattr(limits, "SSE_LOOK_INTERVAL_S", 0.02)

    async with served as address:
        answer = await address.raw(FOLLOW, get("offset=-1", "connection: close"))

    stream, _, after = answer.partition(b"\r\n0\r\n\r\n")
    assert b"event: control" in stream
    assert after.startswith(b"HTTP/1.1 200 OK\r\n")
    assert after.endswith(b"\r\n\r\n[1,2,3]")


async def test_a_follower_with_a_pipelined_request_that_leaves_is_forgotten(
    log, served, monkeypatch
):
    monkeypatch.setattr(limits, "SSE_END_S", 0.1)

    async with served as address:
        async with following(address, 1, FOLLOW + get("offset=-1")):
            pass
        for _ in range(3):  # its socket is not read from: writing tells
            log.append()
            await asyncio.sleep(0.05)
        await until(lambda: not address.state.tasks)


async def test_head_and_http_1_0_are_answered_as_ever(log, serving, application, monkeypatch):
    monkeypatch.setattr(limits, "SSE_CLOSE_S", 0.2)
    monkeypatch.setattr("clientela.feed.request.time.time", lambda: 1_800_000_000.0)
    requests = [
        get("offset=now&live=sse", "connection: close", method="HEAD"),
        get("offset=now&live=sse", version="1.0"),
    ]
    answers = []
    for protocol in (ArrivalProtocol, ArrivalProtocol.__base__):
        app = Unwinding(application(Feed(lambda: log)))
        async with serving(app, protocol) as address:
            answers.append([TOLD_ONCE.sub(b"", await address.raw(request)) for request in requests])

    assert answers[0] == answers[1]
    assert b"stream-next-offset" in answers[0][0]
    assert b"event: control" in answers[0][1]


async def test_it_works_over_tls(log, serving, application, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    files = ["-keyout", key, "-out", certificate]
    await asyncio.to_thread(
        subprocess.run, ["openssl", "req", "-x509", *made, *subject, *files], check=True
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    client = ssl.create_default_context(cafile=certificate)
    app = Unwinding(application(Feed(lambda: log)))
    async with serving(app, ssl=server) as address:
        reader, writer = await asyncio.open_connection("127.0.0.1", address.port, ssl=client)
        writer.write(FOLLOW)
        await reader.readuntil(b"event: control")
        log.append()
        await reader.readuntil(b"[4]")
        log.tail.close()
        await reader.readuntil(b"\r\n0\r\n\r\n")
        writer.close()
        await writer.wait_closed()


class Sink(list):
    """A recorder that keeps what it is given."""

    def lose(self):
        raise AssertionError("a request could not be recorded")


async def test_a_stream_is_recorded_once_with_all_its_bytes(log, serving, application):
    records = Sink()
    app = Unwinding(application(Feed(lambda: log)))
    async with (
        serving(LatencyMiddleware(app, records, facade="m")) as address,
        following(address, 2) as (stays, leaves),
    ):
        for _ in range(3):
            log.append()
            await asyncio.sleep(0.05)
        leaves.transport.abort()
        await until(lambda: records)
        log.tail.close()
        await until(lambda: len(records) == 2)

    body = body_of(bytes(stays.heard))
    left, stayed = records
    assert (stayed.route, stayed.status, stayed.error) == ("/", 200, None)
    assert stayed.body_bytes == left.body_bytes == len(body)
    assert stayed.latency_us < stayed.parts_ns["live"] / 1_000
    assert stayed.parts_ns["live"] >= 0.15e9
    assert (left.status, left.error) == (200, "ClientDisconnected")
