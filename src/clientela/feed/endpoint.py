"""Serving a log over HTTP: catch-up, long-poll and SSE.

The read side of the Durable Streams protocol, sections 5.5 to 5.8, 8, 10 and 12.7.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from clientela import limits
from clientela.feed.broadcast import Broadcaster
from clientela.feed.codec import JSON_ARRAY, Codec
from clientela.feed.followers import FOLLOWERS
from clientela.feed.frames import Frames, followed
from clientela.feed.log import Log
from clientela.feed.position import Position
from clientela.feed.request import FeedRequest, next_cursor, parse
from clientela.feed.stream import LiveResponse, Stream

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_NOT_CACHED = {**_ALWAYS, "Cache-Control": "no-store"}
# no-cache as well, for some proxies hold a stream back without it.
_STREAMED = {
    **_ALWAYS,
    "Cache-Control": "no-cache, no-store",
    "Content-Type": "text/event-stream",
    "X-Accel-Buffering": "no",  # nginx's word for that
}
_UP_TO_DATE = {"Stream-Up-To-Date": "true"}
_GOLDEN_RATIO = 0.618_034  # its multiples, modulo 1, are spread evenly however many there are


class Feed:
    """Answers GET and HEAD for one log.

    ``log`` is called per request, for a facade has no log before its first copy. ``codec`` writes
    its messages. ``told`` are further headers of live answers. ``shared_cache`` lets proxies keep
    pages of the past for all, and silence for a moment, so that long-polls collapse into one.
    ``long_poll_s`` is how long a follower at the tail waits, in seconds. ``look`` brings a log up
    to date that others write, too; raises ClientelaError when it can't.
    """

    def __init__(
        self,
        log: Callable[[], Log],
        *,
        codec: Codec = JSON_ARRAY,
        told: Callable[[], Mapping[str, str]] = dict,
        shared_cache: bool = False,
        long_poll_s: float | None = None,
        look: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._log = log
        self._codec = codec
        self._told = told
        self._cached = f"{'public' if shared_cache else 'private'}, max-age={limits.FEED_CACHE_S}"
        self._silence = f"public, max-age={limits.SHARED_SILENCE_S}" if shared_cache else "no-store"
        # Followers who came at different times ask for the same URL once an interval has passed: so
        # it is a poll's time behind a cache.
        self._interval_s = limits.SHARED_LONG_POLL_S if shared_cache else limits.LONG_POLL_S
        self._long_poll_s = self._interval_s if long_poll_s is None else long_poll_s
        self._look = look
        self._opened = 0
        self._frames: Frames | None = None

    async def answer(self, request: Request) -> Response:
        """Answer one request.

        Raises ClientelaError for a bad one (400), a lost past (410), too many followers (503).
        """
        log = self._log()
        asked = parse(request.query_params)
        if self._look is not None:
            await self._look()
        if request.method == "HEAD":
            return self._head(log)
        after = _start(log, asked)
        if asked.live is not None:
            FOLLOWERS.take_in()
        if asked.live == "sse":
            return self._sse(log, after, asked)
        known = request.headers.get("if-none-match")
        if asked.live == "long-poll":
            return await self._long_poll(log, after, asked, known)
        return await self._page(log, after, asked, known, {})

    def _head(self, log: Log) -> Response:
        response = self._response(b"", {**_NOT_CACHED, **_next(log.tail.position)})
        del response.headers["Content-Length"]  # it would be that of a GET, which isn't known here
        return response

    async def _long_poll(
        self, log: Log, after: Position, asked: FeedRequest, known: str | None
    ) -> Response:
        moved = await log.tail.beyond(after, timeout_s=self._long_poll_s)
        if not moved and self._look is not None:
            await self._look()
            moved = log.tail.position > after
        cursor = {"Stream-Cursor": self._cursor(asked)}
        if not moved:
            headers = {**_NOT_CACHED, **cursor, **_next(after), **_UP_TO_DATE}
            if asked.offset != "now":
                headers["Cache-Control"] = self._silence
            return Response(status_code=204, headers=headers)
        return await self._page(log, followed(log, after), asked, known, cursor)

    async def _page(
        self,
        log: Log,
        after: Position,
        asked: FeedRequest,
        known: str | None,
        more: Mapping[str, str],
    ) -> Response:
        """Answer what follows a position; ``known`` are the ETags that the follower holds."""
        batch = await log.read(after, limits.FEED_BATCH_MESSAGES_MAX)
        up_to_date = _UP_TO_DATE if batch.end >= log.tail.position else {}
        headers = {**_NOT_CACHED, **more, **_next(batch.end), **up_to_date}
        if asked.offset != "now":  # the same URL is another place a moment later
            edition = f":{batch.edition}" if batch.edition else ""
            tag = f'"{log.identity}:{after}:{batch.end}{edition}"'
            headers |= {"Cache-Control": self._cached, "ETag": tag}
            if known is not None and (tag in known or known == "*"):
                return Response(status_code=304, headers=headers)
        return self._response(self._codec.body(batch.messages), headers)

    def _response(self, body: bytes, headers: Mapping[str, str]) -> Response:
        # As a header: a media type of text would be given a charset.
        return Response(body, headers={**headers, "Content-Type": self._codec.media_type})

    def _sse(self, log: Log, after: Position, asked: FeedRequest) -> Response:
        encoding = self._codec.event_encoding
        encoded = {"Stream-SSE-Data-Encoding": encoding} if encoding else {}
        headers = {**_STREAMED, **encoded, **self._told()}
        if self._frames is None or self._frames.log is not log:
            self._frames = Frames(log, self._codec)
            self._broadcaster = Broadcaster(self._frames)
        stream = Stream(self._frames, after, self._cursor(asked), self._closes_s())
        return LiveResponse(stream, self._broadcaster, headers)

    def _cursor(self, asked: FeedRequest) -> str:
        return next_cursor(asked.cursor, interval_s=self._interval_s)

    def _closes_s(self) -> float:
        """Give when the next stream ends: at another time than those opened along with it."""
        self._opened += 1
        spread = self._opened * _GOLDEN_RATIO % 1 - 0.5
        life_s = limits.SSE_CLOSE_S * (1 + spread * limits.SSE_CLOSE_SPREAD_RATIO)
        return asyncio.get_running_loop().time() + life_s


def _start(log: Log, asked: FeedRequest) -> Position:
    if asked.offset == "now":
        return log.tail.position
    return followed(log, log.beginning if asked.offset is None else asked.offset)


def _next(position: Position) -> dict[str, str]:
    return {"Stream-Next-Offset": str(position)}
