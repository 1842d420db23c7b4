"""Serving a log over HTTP: catch-up, long-poll and SSE.

The read side of the Durable Streams protocol in JSON mode, sections 5.5 to 5.8, 8 and 10.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from clientela import limits
from clientela.feed.log import Batch, Log
from clientela.feed.position import Position
from clientela.feed.request import FeedRequest, next_cursor, parse

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_NOT_CACHED = {**_ALWAYS, "Cache-Control": "no-store"}


class _Frame(NamedTuple):
    """A batch as an SSE event, made once for all followers at the same position."""

    after: Position
    end: Position
    event: bytes


class Feed:
    """Answers GET and HEAD for one log.

    ``log`` is called per request, for a facade has no log before its first copy. ``told`` are
    further headers of live answers. ``shared_cache`` lets proxies keep pages of the past for all.
    """

    def __init__(
        self,
        log: Callable[[], Log],
        *,
        told: Callable[[], Mapping[str, str]] = dict,
        shared_cache: bool = False,
    ) -> None:
        self._log = log
        self._told = told
        self._cached = f"{'public' if shared_cache else 'private'}, max-age={limits.FEED_CACHE_S}"
        self._frame: _Frame | None = None

    async def answer(self, request: Request) -> Response:
        """Answer one request; raises ClientelaError for a bad one (400) or a lost past (410)."""
        log = self._log()
        asked = parse(request.query_params)
        if request.method == "HEAD":
            return Response(headers={**_NOT_CACHED, **_next(log.tail.position)}, media_type=_JSON)
        after = _start(log, asked)
        if asked.live == "sse":
            return self._sse(log, after, asked)
        if asked.live == "long-poll":
            return await self._long_poll(log, after, asked)
        return await self._catch_up(log, after, asked, request.headers.get("if-none-match"))

    async def _catch_up(
        self, log: Log, after: Position, asked: FeedRequest, known: str | None
    ) -> Response:
        if asked.offset == "now":
            headers = {**_NOT_CACHED, **_next(after), "Stream-Up-To-Date": "true"}
            return Response(b"[]", headers=headers, media_type=_JSON)
        batch = await log.read(after, limits.FEED_BATCH_MESSAGES_MAX)
        tag = f'"{log.identity}:{after}:{batch.end}"'
        headers = {**self._headers(log, batch.end), "ETag": tag}
        if known is not None and (tag in known or known == "*"):
            return Response(status_code=304, headers=headers)
        return Response(_array(batch), headers=headers, media_type=_JSON)

    async def _long_poll(self, log: Log, after: Position, asked: FeedRequest) -> Response:
        moved = await log.tail.beyond(after, timeout_s=limits.LONG_POLL_S)
        cursor = {"Stream-Cursor": next_cursor(asked.cursor)}
        if not moved:
            up_to_date = {**_next(after), "Stream-Up-To-Date": "true"}
            return Response(status_code=204, headers={**_NOT_CACHED, **cursor, **up_to_date})
        batch = await log.read(after, limits.FEED_BATCH_MESSAGES_MAX)
        headers = {**self._headers(log, batch.end), **cursor}
        return Response(_array(batch), headers=headers, media_type=_JSON)

    def _headers(self, log: Log, end: Position) -> dict[str, str]:
        up_to_date = {"Stream-Up-To-Date": "true"} if end >= log.tail.position else {}
        return {**_ALWAYS, "Cache-Control": self._cached, **_next(end), **up_to_date}

    def _sse(self, log: Log, after: Position, asked: FeedRequest) -> Response:
        return StreamingResponse(
            self._events(log, after, next_cursor(asked.cursor)),
            headers={**_NOT_CACHED, **self._told()},
            media_type="text/event-stream",
        )

    async def _events(self, log: Log, after: Position, cursor: str) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        closes_at = loop.time() + limits.SSE_CLOSE_S
        if after >= log.tail.position:
            yield _control(log, after, cursor)
        while not log.tail.closing and loop.time() < closes_at:
            moved = await log.tail.beyond(after, timeout_s=limits.SSE_CONTROL_INTERVAL_S)
            if moved:
                frame = await self._next_frame(log, after)
                after = frame.end
                yield frame.event
            yield _control(log, after, cursor)

    async def _next_frame(self, log: Log, after: Position) -> _Frame:
        frame = self._frame
        if frame is None or frame.after != after:
            batch = await log.read(after, limits.FEED_BATCH_MESSAGES_MAX)
            frame = self._frame = _Frame(after, batch.end, _event(b"data", _array(batch)))
        return frame


_JSON = "application/json"


def _start(log: Log, asked: FeedRequest) -> Position:
    if asked.offset == "now":
        return log.tail.position
    if asked.offset is None:
        return log.beginning
    log.check(asked.offset)
    return asked.offset


def _next(position: Position) -> dict[str, str]:
    return {"Stream-Next-Offset": str(position)}


def _array(batch: Batch) -> bytes:
    return b"[" + b",".join(batch.messages) + b"]"


def _control(log: Log, after: Position, cursor: str) -> bytes:
    up_to_date = b',"upToDate":true' if after >= log.tail.position else b""
    fields = f'"streamNextOffset":"{after}","streamCursor":"{cursor}"'.encode()
    return _event(b"control", b"{" + fields + up_to_date + b"}")


def _event(name: bytes, data: bytes) -> bytes:
    lines = b"".join(b"data: " + line + b"\n" for line in data.splitlines())
    return b"event: " + name + b"\n" + lines + b"\n"
