"""Following the server's feed: by a stream of its own, or by long-polls that a cache shares.

A server says by ``Cache-Control: public`` that there are shared caches before it. Its followers
then ask all for the same URLs, and one of them reaches the server.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import NamedTuple

from clientela import limits
from clientela.client_facade.sse import Event
from clientela.client_facade.upstream import Tip, Upstream, UpstreamError
from clientela.errors import ClientelaError
from clientela.feed.position import Position


class Silence(NamedTuple):
    """The register was at a position, ``age_s`` seconds ago at most."""

    position: Position
    age_s: float


class _Poll(NamedTuple):
    """An answer of the feed: ``body`` is the JSON of what followed, None for silence.

    ``end`` is where to go on, with ``cursor``; ``shared``: caches may keep it for all.
    """

    body: bytes | None
    end: Position
    cursor: str | None
    shared: bool


Followed = Tip | Event | Silence

# A cache counts in whole seconds, so it may keep an answer for one more.
_SILENCE = limits.SHARED_SILENCE_S + 1


class Following:
    """Chooses the way, and keeps to it until the line breaks: then it may be another server.

    ``shared`` is None while that is not known.
    """

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self.shared: bool | None = None

    async def follow(self, start: Position) -> AsyncGenerator[Followed, None]:
        """Follow the feed: first the server's tip, then what comes.

        Ends when the server closes; raises UpstreamError, or ClientelaError ``history-diverged`` or
        ``offset-gone`` when there is no following from ``start``.
        """
        try:
            if self.shared is None:
                self.shared = (await self._poll({"offset": str(start)})).shared
            chosen = self._polls(start) if self.shared else self._upstream.stream(start)
            async with aclosing(chosen) as followed:
                async for event in followed:
                    yield event
        except (UpstreamError, ClientelaError):
            self.shared = None
            raise

    async def _polls(self, after: Position) -> AsyncGenerator[Followed, None]:
        yield await self._upstream.tip()
        cursor: str | None = None
        while self.shared:
            # In this order: to a cache another one would be another URL.
            query = {"cursor": cursor} if cursor else {}
            poll = await self._poll({**query, "live": "long-poll", "offset": str(after)})
            if poll.body is None:
                yield Silence(poll.end, _SILENCE)
            else:
                yield Event("data", poll.body)
                self.shared = poll.shared or None
            # A cursor tells silences of one position apart. At another one all begin without, or
            # those who came at different times would ask for different URLs ever after.
            cursor = poll.cursor if poll.end == after else None
            after = poll.end

    async def _poll(self, query: Mapping[str, str]) -> _Poll:
        status, headers, body = await self._upstream.poll(query)
        try:
            end = Position.parse(headers["Stream-Next-Offset"])
        except (KeyError, ValueError) as error:
            raise UpstreamError(f"This is no Clientela server: {error!r}.") from error
        silent = status == 204  # noqa: PLR2004
        shared = headers.get("Cache-Control", "").startswith("public")
        return _Poll(None if silent else body, end, headers.get("Stream-Cursor"), shared)
