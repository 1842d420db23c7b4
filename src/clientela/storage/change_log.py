"""The changes of a register, or of its replica, as a log for the feed."""

from collections.abc import Callable
from typing import TypeVar

from clientela.feed.log import Batch, diverged, gone
from clientela.feed.position import Position
from clientela.feed.tail import Tail
from clientela.storage.register import Head, RegisterTables

_Result = TypeVar("_Result")
_Change = tuple[Position, bytes]


class ChangeLog:
    """A ``clientela.feed.log.Log``; reads on a connection of the event loop's thread.

    A position of an older epoch is valid up to where the next one began: what lay beyond was lost
    when the register was restored.
    """

    def __init__(self, tables: RegisterTables, head: Head) -> None:
        self._tables = tables
        self.head = head
        self.tail = Tail(head.position)
        self._epochs = self._read_epochs()

    @property
    def identity(self) -> str:
        """Give the register's UUID."""
        return self.head.register

    @property
    def beginning(self) -> Position:
        """Give the position before the oldest change kept."""
        version = self.head.beginning
        epoch = next(e.epoch for e in reversed(self._epochs) if e.version <= version)
        return Position(epoch, version)

    def advance(self, head: Head) -> None:
        """Take note of a committed transaction, and wake the followers."""
        moved = head.position.epoch != self.head.position.epoch
        if moved or head.beginning != self.head.beginning:
            self._epochs = self._read_epochs()
        self.head = head
        if head.position != self.tail.position:
            self.tail.advance(head.position)

    async def _ask(self, query: Callable[[RegisterTables], _Result]) -> _Result:
        return query(self._tables)

    def _read_epochs(self) -> list[Position]:
        return self._tables.epochs()

    def check(self, position: Position) -> None:
        """Raise ClientelaError (410) for a position that can't be followed from."""
        if position.version > self._last_version_of(position.epoch):
            raise diverged(position)
        if position.version < self.head.beginning:
            raise gone(position, self.beginning)

    def _last_version_of(self, epoch: int) -> int:
        if epoch == self.head.position.epoch:
            return self.tail.position.version
        later = [began.version for began in self._epochs if began.epoch > epoch]
        known = any(began.epoch == epoch for began in self._epochs)
        return later[0] if known and later else -1

    async def read(self, after: Position, limit: int) -> Batch:
        """Read changes; the end of an empty batch is where it began.

        A version that is missing was erased, or ``prune`` was quicker than this: then the log
        begins later now.
        """
        edition, found = await self._ask(lambda tables: _read(tables, after.version, limit))
        following = found[0][0].version if found else self.tail.position.version + 1
        if following > after.version + 1:
            head = await self._ask(lambda tables: tables.head())
            if head is not None and head.beginning > after.version:
                raise gone(after, self.beginning)
        end = found[-1][0] if found else after
        return Batch([message for _, message in found], end, edition)


def _read(tables: RegisterTables, after: int, limit: int) -> tuple[str, list[_Change]]:
    # Before the changes: an erasure in between must not give its name to what was before it.
    edition = tables.erasures.last()
    return edition, tables.changes(after, limit)
