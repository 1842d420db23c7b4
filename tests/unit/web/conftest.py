"""A real uvicorn for tests of what is done with its protocol class."""

import asyncio
import contextlib
import threading

import pytest
import uvicorn


@contextlib.asynccontextmanager
async def _serving(app, protocol, **options):
    """Serve an application in a thread and loop of its own, as ``serve`` would; gives the port."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        http=protocol,
        loop="uvloop",
        lifespan="off",
        log_config=None,
        access_log=False,
        **options,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    async with asyncio.timeout(60):
        while not server.started:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await asyncio.to_thread(thread.join)


@contextlib.asynccontextmanager
async def _connection(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


# Functions as fixtures, for test folders are not packages to import from.
@pytest.fixture(scope="session")
def serving():
    return _serving


@pytest.fixture(scope="session")
def connection():
    return _connection


class Clock:
    now_s = 1_800_000_000.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()
