"""A log of numbers, and its feed served two ways: by plain ASGI, and with connections to write to.

Both are uvicorn's on a real socket: only whether the extension is in the scope differs.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest
import uvicorn
from fastapi import FastAPI, Request
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from clientela.feed.connection import Unwinding
from clientela.feed.endpoint import Feed
from clientela.feed.log import Batch, diverged
from clientela.feed.position import Position
from clientela.feed.tail import Tail
from clientela.web.arrival import ArrivalProtocol

PROTOCOLS = {"asgi": HttpToolsProtocol, "connection": ArrivalProtocol}


class Numbers:
    """A log of numbers: message n stands at version n of epoch 1."""

    identity = "numbers"

    def __init__(self, count: int = 0, beginning: int = 0, padding: bytes = b"") -> None:
        self.tail = Tail(Position(1, count))
        self.beginning = Position(1, beginning)
        self.reads: list[int] = []
        self.broken = False
        self._padding = padding

    def append(self, count: int = 1) -> None:
        self.tail.advance(Position(1, self.tail.position.version + count))

    def check(self, position: Position) -> None:
        if self.broken or position > self.tail.position:
            raise diverged(position)

    async def read(self, after: Position, limit: int) -> Batch:
        self.reads.append(after.version)
        last = min(after.version + limit, self.tail.position.version)
        numbers = range(after.version + 1, last + 1)
        return Batch([self._padding + b"%d" % number for number in numbers], Position(1, last))


class Served:
    """An application on a port; ``protocols`` are those of its open connections."""

    def __init__(self, port: int, state: ServerState) -> None:
        self.port = port
        self.state = state

    async def raw(self, *requests: bytes) -> bytes:
        """Send bytes as they are; gives all that comes until the server closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(b"".join(requests))
            return await reader.read()
        finally:
            writer.close()


def _application(feed: Feed) -> FastAPI:
    app = FastAPI()

    @app.api_route("/", methods=["GET", "HEAD"])
    async def read(request: Request):
        return await feed.answer(request)

    return app


@contextlib.asynccontextmanager
async def _serving(
    app: ASGIApp, protocol: type[asyncio.Protocol] = ArrivalProtocol, **options
) -> AsyncIterator[Served]:
    loop, state = asyncio.get_running_loop(), ServerState()
    config = uvicorn.Config(app, log_config=None, access_log=False, ws="none")
    config.load()
    listener = await loop.create_server(
        lambda: protocol(config=config, server_state=state, app_state={}),
        "127.0.0.1",
        0,
        backlog=2_000,
        **options,
    )
    try:
        yield Served(listener.sockets[0].getsockname()[1], state)
    finally:
        listener.close()
        for connection in list(state.connections):
            connection.transport.abort()
        async with asyncio.timeout(10):
            while state.connections or state.tasks:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)


@pytest.fixture
def numbers() -> type[Numbers]:
    return Numbers


@pytest.fixture
def serving() -> Callable[..., AbstractAsyncContextManager[Served]]:
    return _serving


@pytest.fixture
def application() -> Callable[[Feed], FastAPI]:
    return _application


@pytest.fixture(params=sorted(PROTOCOLS))
def serve_feed(request) -> Callable[..., AbstractAsyncContextManager[Served]]:
    """Serve a feed; each test runs both ways."""

    def serve(feed: Feed) -> AbstractAsyncContextManager[Served]:
        return _serving(Unwinding(_application(feed)), PROTOCOLS[request.param])

    return serve
