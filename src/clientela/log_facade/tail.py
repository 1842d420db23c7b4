"""Following the log live: new entries as messages of a feed, read only while somebody listens.

A follower of one day is not one of the log: positions count what this process has seen while it was
listened to, and end with it. Who comes back later than ``LOG_TAIL_LINGER_S`` begins anew (410).
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

import msgspec

from clientela import limits
from clientela.errors import ClientelaError
from clientela.feed.log import Batch, diverged, gone
from clientela.feed.position import Position
from clientela.feed.tail import Tail
from clientela.log_facade.arrivals import first_look
from clientela.log_facade.filters import Filters
from clientela.log_facade.logs import LogDb
from clientela.log_facade.queries import LogReader
from clientela.log_facade.shapes import LogEntry

_decode_entry = msgspec.json.Decoder(LogEntry).decode
_ALL = Filters()
_Entry = tuple[bytes, LogEntry]


class LogTail:
    """The newest entries of Log DBs; belongs to one event loop.

    Each is read on by the numbers of its entries: what one facade writes late is not behind
    another's.
    """

    def __init__(
        self,
        databases: Sequence[LogDb],
        *,
        wall_ns: Callable[[], int] = time.time_ns,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall_ns = wall_ns
        self._clock = clock
        self._readers = [LogReader([database]) for database in databases]
        self._entries: deque[_Entry] = deque()
        self._listened_s = 0.0
        self._task: asyncio.Task[None] | None = None
        start = Position(int(wall_ns() // 1_000_000_000), 0)  # another process's is never ours
        self._beginning = start
        self.tail: Tail = _ListenedTail(start, self.listened)

    def log(self, filters: Filters) -> "FilteredLog":
        """Give the entries that a follower wants, as a log for the feed."""
        self.listened()
        return FilteredLog(self, filters)

    def listened(self) -> None:
        """Note that somebody listens; reading begins when nobody did for a while."""
        self._listened_s = self._clock()
        if self._task is None and not self.tail.closing:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        now_us = self._wall_ns() // 1_000
        places = [_Place(reader, now_us) for reader in self._readers]
        try:
            while not self.tail.closing and self._is_listened_to():
                await asyncio.sleep(limits.LOG_TAIL_INTERVAL_S)
                for place in places:
                    self._add(await place.read())
        finally:
            self._task = None
            self._forget()

    def _is_listened_to(self) -> bool:
        return self._clock() - self._listened_s < limits.LOG_TAIL_LINGER_S

    def _add(self, entries: Sequence[_Entry]) -> None:
        if not entries:
            return
        self._entries.extend(entries)
        for _ in range(len(self._entries) - limits.LOG_TAIL_ENTRIES_MAX):
            self._entries.popleft()
        version = self.tail.position.version + len(entries)
        self._beginning = self._beginning._replace(version=version - len(self._entries))
        self.tail.advance(self.tail.position._replace(version=version))

    def _forget(self) -> None:
        """Let no offset go on from here: what comes while nobody listens will be missing."""
        self._entries.clear()
        self._beginning = self.tail.position._replace(version=self.tail.position.version + 1)
        self.tail.advance(self._beginning)

    @property
    def beginning(self) -> Position:
        """Give the position before the oldest entry that is kept in memory."""
        return self._beginning

    def after(self, position: Position, limit: int) -> list[_Entry]:
        """Give up to ``limit`` entries that follow a position."""
        start = position.version - self._beginning.version
        return list(islice(self._entries, start, start + limit))

    def stop(self) -> None:
        """End live answers, and soon the reading."""
        self.tail.close()

    def close(self) -> None:
        """Close the logs."""
        for reader in self._readers:
            reader.close()


class _Place:
    """How far one log was read."""

    def __init__(self, reader: LogReader, now_us: int) -> None:
        self._reader = reader
        self._seen = first_look(now_us)

    async def read(self) -> list[_Entry]:
        """Read on; none when the log can't be read just now."""
        try:
            found, self._seen = await self._reader.arrivals(self._seen)
        except (ClientelaError, RuntimeError):  # RuntimeError: it is closed
            return []
        return [(raw, _decode_entry(raw)) for raw in found]


class FilteredLog:
    """A ``clientela.feed.log.Log`` of the entries that pass a filter."""

    def __init__(self, source: LogTail, filters: Filters) -> None:
        self._source = source
        self._filters = filters
        self._passes_all = filters == _ALL
        self.tail = source.tail

    @property
    def identity(self) -> str:
        """Name the log: its process."""
        return f"log-{self.tail.position.epoch}"

    @property
    def beginning(self) -> Position:
        """Give the position before the oldest entry that is kept in memory."""
        return self._source.beginning

    def check(self, position: Position) -> None:
        """Raise ClientelaError (410) for a position that can't be followed from."""
        tail = self.tail.position
        if position.epoch != tail.epoch or position.version > tail.version:
            raise diverged(position)
        if position.version < self.beginning.version:
            raise gone(position, self.beginning)

    async def read(self, after: Position, limit: int) -> Batch:
        """Read what passes of the next ``limit`` entries; the end is beyond them all."""
        self.check(after)
        found = self._source.after(after, limit)
        end = after._replace(version=after.version + len(found))
        passed = [raw for raw, entry in found if self._passes_all or passes(self._filters, entry)]
        return Batch(passed, end)


class _ListenedTail(Tail):
    """A tail that tells when somebody waits for it."""

    def __init__(self, position: Position, listened: Callable[[], None]) -> None:
        super().__init__(position)
        self._listened = listened

    async def beyond(self, position: Position, *, timeout_s: float) -> bool:
        self._listened()
        try:
            return await super().beyond(position, timeout_s=timeout_s)
        finally:
            self._listened()


def passes(filters: Filters, entry: LogEntry) -> bool:
    """Tell whether an entry is one that the filters ask for, as their conditions in SQL do."""
    time_us = int(entry.id[:14], 16)
    low, high = filters.status or (0, entry.status)
    wanted = (
        (filters.facade, entry.facade),
        (filters.method, entry.method),
        (filters.route, entry.route),
        (filters.trace_id and filters.trace_id.hex(), entry.trace_id),
    )
    return (
        filters.start_us <= time_us < filters.end_us
        and low <= entry.status <= high
        and (filters.min_latency_us or 0) <= entry.latency_us
        and (filters.max_latency_us is None or entry.latency_us <= filters.max_latency_us)
        and filters.wants_error(entry.error)
        and entry.route not in filters.not_routes
        and all(asked is None or asked == found for asked, found in wanted)
    )
