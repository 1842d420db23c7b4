"""What ``clientela.web.arrival`` needs of uvicorn; a new version that changes it fails here."""

import asyncio
import threading
import time

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from clientela.log_facade.middleware import LatencyMiddleware
from clientela.web.arrival import ArrivalProtocol, received_ns

HELD_S = 0.05


def get(path, *headers):
    return "\r\n".join([f"GET {path} HTTP/1.1", "host: localhost", *headers, "", ""]).encode()


class Sink(list):
    """A recorder that keeps what it is given, by path."""

    def lose(self):
        raise AssertionError("a request could not be recorded")

    async def of(self, path):
        """Give the record of a request; it is made just after the answer was sent."""
        async with asyncio.timeout(60):
            while all(record.route != path for record in self):  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.001)
        (found,) = [record for record in self if record.route == path]
        return found


class Host:
    """An application whose loop can be held, and what it saw."""

    def __init__(self):
        self.scopes, self.begun_ns = {}, {}
        self.holding, self.go_on = threading.Event(), threading.Event()

    async def __call__(self, scope, _receive, send):
        path = scope["path"]
        self.begun_ns[path] = time.perf_counter_ns()
        self.scopes[path] = scope
        if path == "/hold":
            self.holding.set()
            assert self.go_on.wait(60)
        if path == "/compute":
            until = time.perf_counter() + HELD_S
            while time.perf_counter() < until:
                pass
        if path == "/slow":
            await asyncio.sleep(HELD_S)
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def host():
    return Host()


@pytest.fixture
def records():
    return Sink()


@pytest.fixture
async def port(host, records, serving):
    app = LatencyMiddleware(host, records, facade="m", route=lambda scope: scope["path"])
    async with serving(app, ArrivalProtocol) as port:
        yield port


async def answer(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    assert await reader.readexactly(2) == b"ok"
    return head.decode()


def test_uvicorn_still_has_what_is_overridden():
    for name in ("data_received", "on_headers_complete"):
        assert name in vars(HttpToolsProtocol), name


async def test_a_request_behind_anothers_computing_has_it_in_its_queue(
    port, connection, host, records
):
    async with (
        connection(port) as (held, hold),
        connection(port) as (first, compute),
        connection(port) as (second, wait),
    ):
        for reader, writer in ((first, compute), (second, wait)):
            writer.write(get("/before"))  # now the loop knows these connections
            await answer(reader)
        hold.write(get("/hold"))
        await asyncio.to_thread(host.holding.wait)
        # Both lie in the kernel, and are read in one turn of the loop: one computes, one waits.
        compute.write(get("/compute"))
        await compute.drain()
        await asyncio.sleep(HELD_S)
        wait.write(get("/wait"))
        await wait.drain()
        await asyncio.sleep(HELD_S)
        host.go_on.set()
        told = [await answer(reader) for reader in (held, first, second)][2]

    record = await records.of("/wait")
    assert record.parts_ns["queue"] >= HELD_S * 1e9
    assert record.latency_us * 1_000 >= record.parts_ns["queue"] - 1_000
    compute = await records.of("/compute")
    assert compute.latency_us >= HELD_S * 1e6
    assert f"queue;dur={record.parts_ns['queue'] / 1e6:.3f}" in told


async def test_requests_of_one_connection_have_a_stamp_each(port, connection, host):
    async with connection(port) as (reader, writer):
        for path in ("/a", "/b"):
            writer.write(get(path))
            await answer(reader)

    a, b = (received_ns(host.scopes[path]) for path in ("/a", "/b"))
    assert a <= host.begun_ns["/a"] < b <= host.begun_ns["/b"]


async def test_a_pipelined_request_waits_for_the_answers_before_its_own(
    port, connection, host, records
):
    async with connection(port) as (reader, writer):
        writer.write(get("/slow") + get("/after"))
        await answer(reader)
        await answer(reader)

    slow, after = (host.scopes[path] for path in ("/slow", "/after"))
    assert received_ns(slow) == received_ns(after)
    assert slow["extensions"] is not after["extensions"]
    assert (await records.of("/after")).parts_ns["queue"] >= HELD_S * 1e9 * 0.9
    assert (await records.of("/slow")).latency_us >= HELD_S * 1e6 * 0.9


async def test_a_client_that_sends_its_header_in_parts_waits_for_itself(port, connection, host):
    async with connection(port) as (reader, writer):
        head = get("/parts", "x-long: 1")
        writer.write(head[:20])
        await writer.drain()
        await asyncio.sleep(HELD_S)
        sent_ns = time.perf_counter_ns()
        writer.write(head[20:])
        await answer(reader)

    assert received_ns(host.scopes["/parts"]) >= sent_ns


async def test_a_body_that_comes_later_does_not_move_the_stamp(port, connection, host):
    async with connection(port) as (reader, writer):
        writer.write(get("/body", "content-length: 3"))
        await writer.drain()
        await asyncio.to_thread(lambda: [time.sleep(0.01) for _ in range(5)])
        sent_ns = time.perf_counter_ns()
        writer.write(b"abc")
        await answer(reader)

    assert received_ns(host.scopes["/body"]) < sent_ns


@pytest.mark.parametrize("scope", [{}, {"extensions": None}, {"extensions": {"other": {}}}])
def test_what_nobody_stamped_has_no_arrival(scope):
    assert received_ns(scope) is None
