"""The line fails as it is told to, and is a good one otherwise."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from clientela.cli.torture.processes import free_ports
from clientela.cli.torture.proxy import Line, Weather

REQUEST = b"POST /clients/writes HTTP/1.1\r\nContent-Length: 2\r\n\r\n[]"
Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
SOON_S = 10  # generous: what should come, comes at once
NEVER_S = 0.3


class Echo:
    """A server that answers each chunk with the same, and remembers what came."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.came = asyncio.Event()
        self.ended = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            self.received.append(data)
            self.came.set()
            writer.write(data)
            await writer.drain()
        self.ended += 1
        writer.close()


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    made = Echo()
    made.port, made.line_port = free_ports(2)
    server = await asyncio.start_server(made.serve, "127.0.0.1", made.port)
    yield made
    server.close()


@pytest.fixture
async def line(echo: Echo) -> AsyncIterator[Line]:
    made = Line(echo.line_port, echo.port, random.Random(1))  # noqa: S311 - not a secret
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def connect(line: Line) -> AsyncIterator[Connect]:
    writers: list[asyncio.StreamWriter] = []

    async def made() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        writers.append(writer)
        return reader, writer

    yield made
    for writer in writers:
        writer.transport.abort()
    await asyncio.sleep(0.05)  # both ends take note


async def read(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(SOON_S):
        return await reader.read(65_536)


async def silent(reader: asyncio.StreamReader) -> bool:
    try:
        async with asyncio.timeout(NEVER_S):
            await reader.read(65_536)
    except TimeoutError:
        return True
    return False


async def test_a_good_line_passes_everything_on(connect):
    reader, writer = await connect()
    writer.write(b"hello")

    assert await read(reader) == b"hello"


@pytest.mark.parametrize(("way", "arrives"), [("blocked_out", False), ("blocked_in", True)])
async def test_a_partition_holds_back_one_way_and_delivers_late(line, echo, way, arrives, connect):
    reader, writer = await connect()
    writer.write(b"a")
    await read(reader)
    line.turn(Weather(**{way: True}))
    writer.write(b"b")

    assert await silent(reader)
    assert (b"b" in echo.received) is arrives

    line.turn(Weather())

    assert await read(reader) == b"b"


async def test_an_answer_is_cut_off_after_the_server_has_worked(line, echo, connect):
    line.turn(Weather(cuts=1))
    reader, writer = await connect()
    writer.write(b"x" * 5_000)
    async with asyncio.timeout(SOON_S):
        answer = await reader.read()

    assert len(answer) < 5_000
    assert echo.received == [b"x" * 5_000]


async def test_a_whole_request_arrives_twice(line, echo, connect):
    line.turn(Weather(duplicates=1))
    reader, writer = await connect()
    writer.write(REQUEST)

    assert await read(reader) == REQUEST
    async with asyncio.timeout(SOON_S):
        while len(echo.received) < 2:
            echo.came.clear()
            await echo.came.wait()
    assert echo.received == [REQUEST, REQUEST]


async def test_an_event_arrives_twice(line, connect):
    line.turn(Weather(duplicates=1))
    reader, writer = await connect()
    chunk = b"10\r\nevent: data\ndata\n\r\n"
    chunk = f"{len(chunk) - 6:x}".encode() + chunk[2:]
    writer.write(chunk)

    assert await read(reader) == chunk + chunk


async def test_a_half_open_connection_tells_the_facade_nothing(line, echo, connect):
    reader, writer = await connect()
    writer.write(b"a")
    await read(reader)
    line.half_open(facade_knows=False)
    writer.write(b"b")

    assert await silent(reader)
    assert echo.received == [b"a"]

    fresh, other = await connect()
    other.write(b"c")

    assert await read(fresh) == b"c"


async def test_a_half_open_connection_tells_the_server_nothing(line, echo, connect):
    reader, writer = await connect()
    writer.write(b"a")
    await read(reader)
    line.half_open(facade_knows=True)

    assert await read(reader) == b""
    assert echo.ended == 0


async def test_a_line_that_refuses_resets_what_there_is(line, connect):
    reader, writer = await connect()
    writer.write(b"a")
    await read(reader)
    await line.refuse()

    with pytest.raises(ConnectionResetError):
        await read(reader)
    with pytest.raises(ConnectionRefusedError):
        await connect()
