"""The line between a facade and the server: a TCP proxy that fails as lines do."""

import asyncio
import contextlib
import random
import re
import socket
import struct
from dataclasses import dataclass
from typing import Literal

Way = Literal["in", "out"]  # as the facade sees it: in is from the server

_CHUNK_BYTES = 65_536
_CUT_BYTES_MAX = 600  # of an answer that still pass: headers, or some of the body
_DUPLICATE_LATE_S = 3.0
_NO_LINGER = struct.pack("ii", 1, 0)  # closing sends RST (socket(7))
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(slots=True)
class Weather:
    """How a line is now; the default is a good one. Delays in seconds."""

    blocked_in: bool = False
    blocked_out: bool = False
    delay_s: float = 0.0
    bytes_per_s: float = 0.0  # 0 is no bound
    stalls: float = 0.0  # the share of chunks that stall
    cuts: float = 0.0  # the share of answers that are cut off
    duplicates: float = 0.0  # the share of requests and events that arrive twice


class _Connection:
    """One connection of the facade, and the one to the server that goes with it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.server: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.tasks: list[asyncio.Task[None]] = []

    def end(self) -> None:
        """Close both ends at once."""
        self.writer.transport.abort()
        if self.server is not None:
            self.server[1].transport.abort()

    def reset(self) -> None:
        """Reset both ends: what was under way is lost, and they are told so."""
        for writer in (self.writer, self.server[1] if self.server else None):
            own = writer.get_extra_info("socket") if writer else None
            if own is not None and own.fileno() >= 0:
                own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.end()

    def half_open(self, *, facade_knows: bool) -> None:
        """Let one end be gone without the other being told."""
        for task in self.tasks:
            task.cancel()
        if facade_knows or self.server is None:
            self.writer.transport.abort()
        else:
            self.server[1].transport.abort()


class Line:
    """Listens on ``port`` of 127.0.0.1 for one facade, and passes all on to the server's."""

    def __init__(self, port: int, server_port: int, chance: random.Random) -> None:
        self.port = port
        self.weather = Weather()
        self._server_port = server_port
        self._chance = chance
        self._changed = asyncio.Event()
        self._connections: set[_Connection] = set()
        self._replays: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None

    async def open(self) -> None:
        """Take connections."""
        if self._listener is None:
            self._listener = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def refuse(self) -> None:
        """Take no more, and reset those there are."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        self.reset()

    def turn(self, weather: Weather) -> None:
        """Let the line be so from now on."""
        self.weather = weather
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def reset(self) -> None:
        """Reset every connection."""
        for connection in list(self._connections):
            connection.reset()

    def half_open(self, *, facade_knows: bool) -> None:
        """Let one end of every connection be gone without the other being told."""
        for connection in list(self._connections):
            connection.half_open(facade_knows=facade_knows)

    async def close(self) -> None:
        """End everything."""
        await self.refuse()
        for task in [*self._replays, *(t for c in self._connections for t in c.tasks)]:
            task.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(reader, writer)
        self._connections.add(connection)
        try:
            await self._relay(connection)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._connections.discard(connection)
            connection.end()

    async def _relay(self, connection: _Connection) -> None:
        await self._passable("out")
        server = await asyncio.open_connection("127.0.0.1", self._server_port)
        connection.server = server
        ways = [
            self._pump(connection, connection.reader, server[1], "out"),
            self._pump(connection, server[0], connection.writer, "in"),
        ]
        connection.tasks = [asyncio.create_task(way) for way in ways]
        await asyncio.gather(*connection.tasks, return_exceptions=True)
        if any(task.cancelled() for task in connection.tasks):
            await self._linger(connection)

    async def _linger(self, connection: _Connection) -> None:
        """Keep the end that was not told until it gives up by itself."""
        facade_gone = connection.writer.transport.is_closing()
        reader = connection.server[0] if facade_gone and connection.server else connection.reader
        with contextlib.suppress(OSError):
            while await reader.read(_CHUNK_BYTES):
                pass

    async def _pump(
        self,
        connection: _Connection,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        way: Way,
    ) -> None:
        try:
            while data := await reader.read(_CHUNK_BYTES):
                await self._travel(len(data))
                await self._passable(way)
                if way == "in" and self._chance.random() < self.weather.cuts:
                    writer.write(data[: self._chance.randrange(_CUT_BYTES_MAX)])
                    await writer.drain()
                    return
                writer.write(self._twice(data, way))
                await writer.drain()
            await self._passable(way)
        except OSError:
            return
        finally:
            # After a cancelling the end that is left must not learn of it.
            task = asyncio.current_task()
            if task is None or not task.cancelling():
                writer.close()
                if way == "in":
                    connection.reader.feed_eof()

    async def _travel(self, size: int) -> None:
        weather = self.weather
        took_s = weather.delay_s
        if weather.bytes_per_s:
            took_s += size / weather.bytes_per_s
        if self._chance.random() < weather.stalls:
            took_s += self._chance.uniform(0.2, 2.5)
        if took_s:
            await asyncio.sleep(took_s)

    async def _passable(self, way: Way) -> None:
        while self.weather.blocked_in if way == "in" else self.weather.blocked_out:
            await self._changed.wait()

    def _twice(self, data: bytes, way: Way) -> bytes:
        """Give what arrives; a whole request that arrives twice does so by another connection."""
        if self._chance.random() >= self.weather.duplicates:
            return data
        if way == "out" and _is_whole_request(data):
            task = asyncio.create_task(self._replay(data))
            self._replays.add(task)
            task.add_done_callback(self._replays.discard)
        elif way == "in" and _is_whole_event(data):
            return data + data
        return data

    async def _replay(self, data: bytes) -> None:
        await asyncio.sleep(self._chance.uniform(0, _DUPLICATE_LATE_S))
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", self._server_port)
            try:
                writer.write(data)
                await asyncio.wait_for(reader.read(_CHUNK_BYTES), timeout=10)
            except TimeoutError:
                pass
            finally:
                writer.transport.abort()


def _is_whole_request(data: bytes) -> bool:
    """Tell whether these bytes are one request for writes, complete."""
    head, found, body = data.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    is_write = head.startswith(b"POST /clients/writes ")
    return bool(found and is_write and length and int(length[1]) == len(body))


def _is_whole_event(data: bytes) -> bool:
    """Tell whether these bytes are one HTTP chunk with server-sent events in it."""
    size, found, rest = data.partition(b"\r\n")
    if not found or not re.fullmatch(rb"[0-9a-fA-F]{1,8}", size):
        return False
    return len(rest) == int(size, 16) + 2 and rest.startswith(b"event: ")
