"""The lines between facades and server, as TCP and HTTP let them fail.

Bytes of one connection come in their order or not at all; connections know nothing of each other,
so a request can arrive long after its sender gave up, and twice when a proxy sends it again.
"""

import asyncio
import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

import aiohttp
from aiohttp.client_reqrep import ConnectionKey

from clientela import limits
from clientela.client_facade.upstream import Upstream
from simulation.loop import SimulatedLoop, Tasks

if TYPE_CHECKING:
    from simulation.server import ServerNode

COPY_PAGE_ITEMS = 7  # a copy takes many pages, and much happens between them
_USUAL_DELAY_S = 0.002
_REQUEST_AGAIN_S = 20  # a request that a proxy sends again comes up to this later
_SOONER_S = 5  # what the facades' processes may be apart from this, in what they count
_KEY = ConnectionKey("server", 80, False, True, None, None, None, None)  # noqa: FBT003
_REFUSED = OSError(111, "Connection refused")
_END = object()


class Line:
    """Between one facade and the server."""

    def __init__(self, loop: SimulatedLoop, chance: random.Random, server: "ServerNode") -> None:
        self.loop = loop
        self.chance = chance
        self.server = server
        self.tasks = Tasks(loop)
        self._open = {"out": asyncio.Event(), "in": asyncio.Event()}
        self._idle_until = -1.0
        self.exchanges: dict[Exchange, None] = {}
        self.heal()

    def heal(self) -> None:
        """Let everything pass again, quickly and whole."""
        self.refused = False
        self.delay_s = _USUAL_DELAY_S
        self.cut = self.twice = 0.0
        for event in self._open.values():
            event.set()

    def block(self, way: str) -> None:
        """Let nothing pass ``in`` or ``out``; what is on its way waits, as TCP sends it again."""
        self._open[way].clear()

    def blocked(self, way: str) -> bool:
        return not self._open[way].is_set()

    def reset(self) -> None:
        """Break every connection."""
        for exchange in list(self.exchanges):
            exchange.break_off()

    def half_open(self) -> None:
        """Let every connection be gone at the server's end; the facade is not told."""
        for exchange in list(self.exchanges):
            exchange.forgotten = True

    def delay(self) -> float:
        return self.delay_s * self.chance.uniform(0.2, 1.8)

    async def opened(self, way: str) -> None:
        """Wait until something can pass."""
        await self._open[way].wait()

    async def passed(self, way: str) -> None:
        """Wait until something has passed."""
        await asyncio.sleep(self.delay())
        await self.opened(way)

    async def connect(self) -> None:
        """Take a connection that is idle, or make one; raises as aiohttp does."""
        if self.loop.time() < self._idle_until:
            return
        try:
            async with asyncio.timeout(limits.SERVER_CONNECT_S):
                await self.passed("out")
                await self.passed("in")
        except TimeoutError:
            raise aiohttp.ConnectionTimeoutError("Connection timeout to the server") from None
        if self.refused or not self.server.up:
            raise aiohttp.ClientConnectorError(_KEY, _REFUSED)

    def idle(self) -> None:
        """Keep the connection of an exchange that is over."""
        self._idle_until = self.loop.time() + limits.SERVER_KEEPALIVE_S


class Exchange:
    """A request and its answer; at the facade it looks like aiohttp's response."""

    def __init__(
        self, line: Line, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> None:
        self._line = line
        self.method, self.path, self.sent_headers, self.body = method, path, headers, body
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.streaming = self.left = self.forgotten = False
        self._over = self._ended = False
        self._last_due_s = 0.0
        self._sending: asyncio.Queue[Any] = asyncio.Queue()
        self._arrived: asyncio.Queue[Any] = asyncio.Queue()
        self.serving: asyncio.Task | None = None

    async def __aenter__(self) -> Self:
        line = self._line
        await line.connect()
        line.exchanges[self] = None
        if self.method == "POST" and line.chance.random() < line.twice:
            again = Exchange(line, self.method, self.path, self.sent_headers, self.body)
            again.left = True
            later = line.chance.uniform(0, _REQUEST_AGAIN_S)
            line.tasks.begin(again.carry(later))
        line.tasks.begin(self.carry(0))
        line.tasks.begin(self._pump())
        try:
            self.status, self.headers = await self._next()
        except BaseException:
            self._leave()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._ended:
            self._line.idle()
        self._leave()

    def _leave(self) -> None:
        """Hang up; the server is told when the line lets it know, and minds when it streams."""
        self.left = True
        self._line.exchanges.pop(self, None)
        self._sending.put_nowait((0, _END))
        if self.serving is not None and self.streaming and not self._line.blocked("out"):
            self.serving.cancel()

    async def carry(self, later_s: float) -> None:
        """Bring the request to the server; one whose sender is gone may get lost on the way."""
        began_s = self._line.loop.time()
        await asyncio.sleep(later_s)
        await self._line.passed("out")
        late = self._line.loop.time() - began_s > limits.LATE_REQUEST_S - _SOONER_S
        if self.left and (late or self._line.chance.random() < 0.5):
            return
        if self._line.server.up:
            self._line.server.serve(self)
        else:
            self.break_off()

    # --- The server's end -------------------------------------------------------------------------

    def answer(self, status: int, headers: Mapping[str, str], *, streaming: bool) -> None:
        self.streaming = streaming
        self._send((status, headers))

    def send(self, data: bytes) -> None:
        """Send a part of the body: in pieces, twice when it streams, or cut off."""
        chance = self._line.chance
        if chance.random() < self._line.cut:
            self._send(data[: chance.randrange(len(data) + 1)])
            self.break_off()
            return
        middle = chance.randrange(len(data) + 1) if chance.random() < 0.1 else 0
        for part in (data[:middle], data[middle:]):
            if part:
                self._send(part)
        if self.streaming and chance.random() < self._line.twice:
            self._send(data)

    def end(self) -> None:
        self._send(_END)

    def break_off(self) -> None:
        self._send(aiohttp.ServerDisconnectedError())
        self._over = True

    def _send(self, item: Any) -> None:
        if self._over or self.forgotten:
            return
        self._last_due_s = max(self._last_due_s, self._line.loop.time() + self._line.delay())
        self._sending.put_nowait((self._last_due_s, item))

    async def _pump(self) -> None:
        """Let what was sent arrive in its order."""
        while not self.left:
            due_s, item = await self._sending.get()
            await asyncio.sleep(max(0, due_s - self._line.loop.time()))
            if self.left:
                return
            await self._line.opened("in")
            if self.forgotten:
                return
            self._arrived.put_nowait(item)
            if item is _END or isinstance(item, Exception):
                return

    # --- The facade's end -------------------------------------------------------------------------

    async def _next(self) -> Any:
        try:
            async with asyncio.timeout(limits.OFFLINE_AFTER_S):
                item = await self._arrived.get()
        except TimeoutError:
            raise aiohttp.SocketTimeoutError("Timeout on reading data from socket") from None
        if isinstance(item, Exception):
            raise item
        return item

    async def read(self) -> bytes:
        return b"".join([part async for part in self])

    def __aiter__(self) -> "Exchange":
        return self

    async def __anext__(self) -> bytes:
        if self._ended:
            raise StopAsyncIteration
        item = await self._next()
        if item is _END:
            self._ended = True
            raise StopAsyncIteration
        return item

    @property
    def content(self) -> "Exchange":
        return self

    def iter_any(self) -> "Exchange":
        return self

    @property
    def links(self) -> Mapping[str, str]:
        return {"next": ""} if 'rel="next"' in self.headers.get("link", "") else {}


class SimulatedUpstream(Upstream):
    """The facade's own upstream, over a simulated line instead of aiohttp's session."""

    def __init__(self, line: Line, facade: str) -> None:
        super().__init__(["http://server"], facade)
        self._line = line

    def _request(self, method, path, *, params=None, headers=None, data=b""):
        whole = f"{path}?{urlencode(params)}" if params else path
        told = {"Clientela-Facade": self._facade, **(headers or {})}
        return Exchange(self._line, method, whole, told, data)

    async def page(self, after, *, limit=COPY_PAGE_ITEMS):
        return await super().page(after, limit=limit)
