"""Fan-out: what is new in a log, encoded once and written to the connection of every follower.

Invariant: who is in a cohort has been sent all up to its position and nothing beyond; so it is
either written what follows there, whole and in order, or let go, to come again with its offset.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from functools import lru_cache

from clientela import limits
from clientela.errors import ClientelaError
from clientela.feed import sse
from clientela.feed.connection import chunk
from clientela.feed.frames import Frames
from clientela.feed.position import Position

_log = logging.getLogger(__name__)

_Encode = Callable[[str, bool], tuple[bytes, int]]  # by cursor, and whether all is told then


class Follower:
    """A connection at the tail; ``closes_s`` is its end and ``heard_s`` its last word from us."""

    __slots__ = ("body_bytes", "closes_s", "cursor", "ended", "heard_s", "transport")

    def __init__(self, transport: asyncio.Transport, cursor: str, closes_s: float) -> None:
        loop = asyncio.get_running_loop()
        self.transport = transport
        self.cursor = cursor
        self.closes_s = closes_s
        self.heard_s = loop.time()
        self.ended = loop.create_future()
        self.body_bytes = 0

    def is_over(self, now_s: float) -> bool:
        """Tell whether its time has passed, or its connection is gone."""
        return self.closes_s <= now_s or self.transport.is_closing()

    def end(self) -> None:
        """Give the connection back to the one who waits for that."""
        if not self.ended.done():
            self.ended.set_result(None)


class Broadcaster:
    """Writes to the followers of one log, from one task that runs while there are any."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self._tail = frames.log.tail
        self._cohorts: dict[Position, list[Follower]] = {}
        self._task: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()

    async def serve(self, follower: Follower, after: Position) -> None:
        """Write to a follower that has all up to the tail; ends with its time, or the log's.

        Also when it is gone, and when it is too slow: its connection is closing then.
        """
        self._cohorts.setdefault(after, []).append(follower)
        if self._task is None:
            self._task = self._loop.create_task(self._run())
        await follower.ended

    async def _run(self) -> None:
        try:
            await self._write_for_ever()
        except Exception:  # noqa: BLE001 - whatever it is, nobody may wait for ever
            _log.exception("The live followers of a log had to be let go")
        finally:
            self._task = None
            cohorts, self._cohorts = self._cohorts, {}
            for cohort in cohorts.values():
                for follower in cohort:
                    follower.end()

    async def _write_for_ever(self) -> None:
        tail, turns = self._tail, self._tail.turns
        looks_s = self._loop.time() + limits.SSE_LOOK_INTERVAL_S
        while self._cohorts:
            wait_s = max(0, looks_s - self._loop.time())
            moved = await tail.beyond(min(self._cohorts), timeout_s=wait_s)
            if tail.turns != turns:
                return  # the past is another one now
            if moved:
                await self._tell_changes()
            if tail.closing:
                return
            if self._loop.time() >= looks_s:
                await self._look_after()
                looks_s = self._loop.time() + limits.SSE_LOOK_INTERVAL_S

    async def _tell_changes(self) -> None:
        """Write what is new to everyone behind the tail; who joins meanwhile is at the tail."""
        for after in sorted(self._cohorts):
            if after >= self._tail.position:
                return
            try:
                frame = await self._frames.following(after)
            except ClientelaError:  # the past went: who comes again is told so by a status
                self._let_go(after)
                continue
            cohort = self._cohorts[after]
            encode = _encoder(frame.end, frame.event)
            for some in _slices(cohort):
                self._write(some, encode, up_to_date=frame.end >= self._tail.position)
                await asyncio.sleep(0)
            del self._cohorts[after]
            if live := [follower for follower in cohort if not follower.ended.done()]:
                self._cohorts.setdefault(frame.end, []).extend(live)

    def _let_go(self, after: Position) -> None:
        for follower in self._cohorts.pop(after):
            follower.end()

    async def _look_after(self) -> None:
        """Say to the silent that the line is alive; end what has had its time, or is gone."""
        now_s = self._loop.time()
        silent_s = now_s - limits.SSE_CONTROL_INTERVAL_S
        for after, cohort in list(self._cohorts.items()):
            encode = _encoder(after, b"")
            due = [
                follower
                for follower in cohort
                if follower.heard_s <= silent_s or follower.is_over(now_s)
            ]
            for some in _slices(due):
                if self._tail.position > after:
                    return  # a change is a sign of life, too
                self._write(some, encode, up_to_date=True)
                await asyncio.sleep(0)
            cohort[:] = [follower for follower in cohort if not follower.ended.done()]
            if not cohort:
                del self._cohorts[after]

    def _write(self, followers: list[Follower], encode: _Encode, *, up_to_date: bool) -> None:
        now_s = self._loop.time()
        for follower in followers:
            if follower.ended.done():
                continue
            if follower.is_over(now_s):
                follower.end()
            elif follower.transport.get_write_buffer_size() > limits.SSE_BUFFERED_BYTES_MAX:
                _log.warning("A follower that reads too slowly was let go: it can come again.")
                follower.transport.abort()
                follower.end()
            else:
                data, body_bytes = encode(follower.cursor, up_to_date)
                follower.transport.write(data)
                follower.heard_s = now_s
                follower.body_bytes += body_bytes


def _encoder(end: Position, event: bytes) -> _Encode:
    """Make what writes an event and its control, once for all who have the same cursor."""

    @lru_cache(maxsize=limits.SSE_ENCODED_ITEMS_MAX)
    def encode(cursor: str, up_to_date: bool) -> tuple[bytes, int]:  # noqa: FBT001 - a key
        body = event + sse.control(end, cursor, up_to_date=up_to_date)
        return chunk(body), len(body)

    return encode


def _slices(followers: list[Follower]) -> Iterator[list[Follower]]:
    """Divide the work, so that the event loop has its turn for others in between."""
    size = limits.SSE_SLICE_CONNECTIONS
    for start in range(0, len(followers), size):
        yield followers[start : start + size]
