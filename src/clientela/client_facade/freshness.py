"""How fresh a read is, and what a reader may demand (RFC 9111: a facade is a cache kept in step).

There is no second read path: a demand is met by waiting until the replica has what was asked for.
"""

from starlette.datastructures import Headers

from clientela.client_facade.replica import Replica, not_ready
from clientela.client_facade.sync import Sync
from clientela.client_facade.upstream import Upstream, UpstreamError
from clientela.errors import ClientelaError, FieldError
from clientela.feed.position import Position


class Freshness:
    """Answers for the freshness of reads; belongs to the event loop's thread."""

    def __init__(self, replica: Replica, sync: Sync, upstream: Upstream) -> None:
        self._replica = replica
        self._sync = sync
        self._upstream = upstream

    async def headers(self, asked: Headers) -> dict[str, str]:
        """Meet a reader's demands, and give the headers that tell how fresh the answer is.

        Raises ClientelaError ``not-ready`` before the first copy, ``too-stale`` (504) or
        ``not-reached`` (503) for a demand that can't be met, ``bad-header`` (400).
        """
        if not self._replica.readable:
            raise not_ready()
        if "clientela-min-version" in asked:
            await self._reach(_position(asked["clientela-min-version"]))
        if "cache-control" in asked:
            await self._refresh(_directives(asked["cache-control"]))
        return self.told()

    def told(self) -> dict[str, str]:
        """Give the headers that tell how fresh the replica is now."""
        version = str(self._replica.log().head.position)
        told = {"Cache-Control": "private, no-cache", "Clientela-Version": version}
        age_s = self._sync.age_s
        return told if age_s is None else {**told, "Age": str(int(age_s))}

    async def _reach(self, position: Position) -> None:
        """Wait until the replica holds what the reader has seen elsewhere."""
        if not await self._replica.shows(position):
            raise ClientelaError(
                "not-reached",
                f"This facade has not reached {position} yet: try again in a moment.",
            )

    async def _refresh(self, directives: dict[str, str]) -> None:
        """Ask the server for its tail when the reader wants it fresher than it is known to be."""
        age_s = self._sync.age_s
        fresh = "no-cache" not in directives
        if "max-age" in directives:
            fresh &= age_s is not None and age_s <= _seconds(directives["max-age"])
        if fresh:
            return
        if "only-if-cached" in directives:
            raise _too_stale("the reader wants no question to the server")
        began = self._sync.now()
        try:
            tail = await self._upstream.tail()
        except UpstreamError as error:
            raise _too_stale(f"the server does not answer ({error})") from error
        if not await self.in_step(tail, at=began):
            raise _too_stale(f"the replica has not reached the server's {tail}")

    async def in_step(self, tail: Position, *, at: float) -> bool:
        """Wait until the replica has what the server had when it was asked; False if not in time.

        ``at`` is when that was, by the sync's clock.
        """
        reached = await self._replica.shows(tail)
        if reached:
            self._sync.known_in_step(tail, at=at)
        return reached


def _too_stale(because: str) -> ClientelaError:
    return ClientelaError(
        "too-stale", f"No answer as fresh as asked for: {because}. Ask again without the demand."
    )


def _position(text: str) -> Position:
    try:
        return Position.parse(text)
    except ValueError as error:
        detail = f"The header Clientela-Min-Version is wrong: {error}."
        errors = [FieldError("Clientela-Min-Version", "malformed", detail)]
        raise ClientelaError("bad-header", detail, errors=errors) from None


def _directives(header: str) -> dict[str, str]:
    """Read the request's ``Cache-Control``; unknown directives are passed by (RFC 9111)."""
    parts = (part.strip().lower().partition("=") for part in header.split(","))
    return {name: value.strip('"') for name, _, value in parts if name}


def _seconds(text: str) -> int:
    """Read a number of seconds; what is none counts as 0, the freshest (RFC 9111, 4.2.1)."""
    return int(text) if text.isascii() and text.isdigit() else 0
