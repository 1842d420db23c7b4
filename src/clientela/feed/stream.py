"""One follower's live stream: catching up at its own pace, then written to by the broadcaster."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from functools import partial

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from clientela import limits
from clientela.errors import ClientelaError
from clientela.feed import sse
from clientela.feed.broadcast import Broadcaster, Follower
from clientela.feed.connection import finish, note_written, transport_of
from clientela.feed.frames import Frames
from clientela.feed.position import Position


class Stream:
    """The events that one follower is sent; ``closes_s`` is its end, by the event loop's time."""

    __slots__ = ("_frames", "_loop", "_tail", "_turns", "after", "closes_s", "cursor")

    def __init__(self, frames: Frames, after: Position, cursor: str, closes_s: float) -> None:
        self.after = after
        self.cursor = cursor
        self.closes_s = closes_s
        self._frames = frames
        self._tail = frames.log.tail
        self._turns = self._tail.turns
        self._loop = asyncio.get_running_loop()

    @property
    def goes_on(self) -> bool:
        """Tell whether more is to be sent: the service runs, the past is the same, time is left."""
        tail = self._tail
        return not tail.closing and tail.turns == self._turns and self._loop.time() < self.closes_s

    @property
    def is_level(self) -> bool:
        """Tell whether the follower has all that there is."""
        return self.after >= self._tail.position

    async def events(self, *, until_level: bool = False) -> AsyncIterator[bytes]:
        """Give event after event to the stream's end, or until the follower is level."""
        if self.is_level:
            yield self._control()
        while self.goes_on and not (until_level and self.is_level):
            event = b""
            moved = await self._tail.beyond(self.after, timeout_s=limits.SSE_CONTROL_INTERVAL_S)
            if self._tail.turns != self._turns or (self._tail.closing and not moved):
                return  # the past is another one now, or there is no more to come
            if moved:
                try:
                    frame = await self._frames.following(self.after)
                except ClientelaError:
                    self.closes_s = 0  # the past went: who comes again is told so by a status
                    return
                self.after, event = frame.end, frame.event
            yield event + self._control()

    def _control(self) -> bytes:
        return sse.control(self.after, self.cursor, up_to_date=self.is_level)


class LiveResponse(StreamingResponse):
    """Sends a stream: by the broadcaster where the connection can be written to, else by ASGI."""

    def __init__(
        self, stream: Stream, broadcaster: Broadcaster, headers: Mapping[str, str]
    ) -> None:
        super().__init__(stream.events(), headers=headers)
        self._stream = stream
        self._broadcaster = broadcaster

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; the first event always goes by ASGI, so that who measures can see it."""
        transport = transport_of(scope)
        if transport is None:
            await super().__call__(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await _catch_up(self._stream, transport, send)
        rest = partial(_follow, self._stream, self._broadcaster, transport, scope)
        await finish(scope, receive, send, rest)


async def _catch_up(stream: Stream, transport: asyncio.Transport, send: Send) -> None:
    try:
        async with asyncio.timeout_at(stream.closes_s):
            async for body in stream.events(until_level=True):
                await send({"type": "http.response.body", "body": body, "more_body": True})
                if transport.is_closing():
                    return
    except TimeoutError:
        transport.abort()  # it does not read


async def _follow(
    stream: Stream,
    broadcaster: Broadcaster,
    transport: asyncio.Transport,
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """Hand the connection over until the broadcaster gives it back; then end the answer."""
    while stream.goes_on and not stream.is_level and not transport.is_closing():
        await _catch_up(stream, transport, send)  # a change came just now
    if stream.goes_on and not transport.is_closing():
        follower = Follower(transport, stream.cursor, stream.closes_s)
        try:
            await broadcaster.serve(follower, stream.after)
        finally:
            note_written(scope, follower.body_bytes)
    await _end(transport, receive, send)


async def _end(transport: asyncio.Transport, receive: Receive, send: Send) -> None:
    """End the answer; where that can't be done, hear of the disconnection, as ASGI wants it."""
    if not transport.is_closing():
        with suppress(TimeoutError):
            async with asyncio.timeout(limits.SSE_END_S):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
        transport.abort()
    # The time is for a connection with further requests waiting: uvicorn tells only the last one.
    with suppress(TimeoutError):
        async with asyncio.timeout(limits.SSE_END_S):
            while (await receive())["type"] != "http.disconnect":
                pass
