"""What changes a replica: pages of a copy, and changes of the feed. One transaction for each.

Invariants: the digest and the number in ``register`` are those of the rows in ``clients`` after
every transaction; the log of changes begins where the last copy began and has no gap. A file that
was changed behind our back breaks the first of them: a copy counts anew, page by page.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

import apsw
import msgspec

from clientela import limits
from clientela.client_facade.erasing import Erasing
from clientela.client_facade.lost import LostChanges
from clientela.client_facade.outbox import Outbox
from clientela.client_facade.tables import Copy, ReplicaTables
from clientela.clients import digest
from clientela.clients.changes import Change, decode_change
from clientela.feed.position import Position
from clientela.storage.database import transaction
from clientela.storage.erasures import Erasure
from clientela.storage.register import Head, Row


class _Stored(msgspec.Struct):
    """What a replica must know of a row; all else in it is kept untouched."""

    id: str
    version: str
    document: str | None = None


class Page(NamedTuple):
    """A page of the register: its rows as the server stored them, in the order of their ids."""

    register: str
    rows: Sequence[bytes]
    position: Position
    last: bool


_State = tuple[Head, Copy | None]


class ReplicaWriter:
    """Writes to a Client DB; all methods run in one thread."""

    def __init__(self, connection: apsw.Connection, outbox: Outbox, lost: LostChanges) -> None:
        self._connection = connection
        self._outbox = outbox
        self._lost = lost
        self.tables = ReplicaTables(connection)
        self._erasing = Erasing(connection)
        # Moves whenever something of an erased client went: whoever keeps anything looks at it.
        self.erased = 0
        self.head = self.tables.head()
        self.copy = self.tables.copy()
        self.searchable = self._all_indexed()  # whether the search knows all clients as they are

    def take_page(self, page: Page) -> Head:
        """Make a range of the replica equal to a page of the register.

        The rows of the range that the page has not are dropped, so the same way makes a first copy
        and puts a replica right that has come to differ.
        """
        return self._transact(lambda: self._take_page(page))

    def _take_page(self, page: Page) -> _State:
        rows = [_row(value) for value in page.rows]
        head, copy = self.head, self.copy
        if head is None or copy is None or copy.done:
            head, copy = self._begin_copy(page)
        tally = _Tally(head.digest, head.clients)
        copied = _Tally(copy.digest, copy.clients)
        last = None if page.last or not rows else rows[-1][0].id
        here = {row.id: row for row in self.tables.range(copy.after, last)}
        target = max([copy.target, page.position, *_newest(rows)])
        copied.add(rows)
        if here or not copy.first:
            self._replace(rows, here, tally, page.position)
            self._outbox.show_all()
        else:
            tally = copied
            self.tables.fill(rows)
        if page.last:
            self._outbox.ask_again(head.position)
        copy = Copy(last, target, page.last, copy.first, copied.digest, copied.clients)
        counted = copied if page.last else tally
        return self._store(replace(head, digest=counted.digest, clients=counted.clients), copy)

    def _replace(
        self,
        rows: Sequence[tuple[Row, str | None]],
        here: dict[str, Row],
        tally: "_Tally",
        position: Position,
    ) -> None:
        for row, document in rows:
            known = here.pop(row.id, None)
            if known != row:
                tally.replaced(known, row)
                self.tables.put(row, document)
        for row in here.values():
            tally.replaced(row, None)
            self._lost.drop(row.id, str(position))
            self._gone(row.id)

    def _gone(self, client_id: str) -> None:
        """Take note of a row that went: of an erased client it may go after all else of it."""
        if self.tables.erasures.of(client_id) is not None:
            self.erased += 1

    def _begin_copy(self, page: Page) -> tuple[Head, Copy]:
        """Let the log of changes begin at the first page: from there the replica will follow."""
        start = page.position
        self.tables.restart_changes(start)
        self._outbox.ask_again()
        first = self.head is None or (self.copy is not None and self.copy.first)
        head = self.head or Head(page.register, start, digest.EMPTY, 0, start.version)
        head = replace(head, position=start, beginning=start.version)
        return head, Copy(after=None, target=start, done=False, first=first)

    def _store(self, head: Head, copy: Copy | None) -> _State:
        few = limits.SEARCH_INDEXED_AT_ONCE_ITEMS_MAX
        if self.tables.unindexed(few + 1) <= few:
            self.tables.index_some(few)
        self.tables.set_head(head)
        if copy and copy.done and head.position >= copy.target:
            copy = None
        if copy is None:
            self.tables.end_copy()
        else:
            self.tables.set_copy(copy)
        return head, copy

    def take_changes(self, messages: Sequence[bytes]) -> Head:
        """Apply changes that follow the replica's position; those it has already are passed by."""
        return self._transact(lambda: self._take_changes(messages))

    def _take_changes(self, messages: Sequence[bytes]) -> _State:
        assert self.head is not None  # noqa: S101 - a copy comes first
        end = self.head.position
        tally = _Tally(self.head.digest, self.head.clients)
        at_s = int(datetime.now(UTC).timestamp())
        for message in messages:
            change = decode_change(message)
            position = Position.parse(change.headers.version)
            if position > end:
                if position.epoch > end.epoch:
                    self.tables.add_epoch(position.epoch, end.version)
                # Versions that the feed leaves out were erased before they came here.
                missing = range(end.version + 1, position.version)
                self.tables.erasures.add_blanks(missing, position.epoch, at_s)
                self.tables.append_change(position, change.key, at_s, message)
                if change.headers.erased is True:
                    self._erase(change.key, position)
                self._apply(change, position, tally)
                self._outbox.arrived(change.key, change.headers)
                self._lost.arrived(change.headers)
                end = position
        self._outbox.ask_again(end)
        head = replace(self.head, position=end, digest=tally.digest, clients=tally.clients)
        return self._store(head, self.copy)

    def _apply(self, change: Change, position: Position, tally: "_Tally") -> None:
        found = self.tables.client(change.key)
        if found is not None and Position.parse(found.version) >= position:
            return  # a page of the copy was newer than this change
        known = found if isinstance(found, Row) else None
        if change.headers.operation == "delete":
            tally.replaced(known, None)
            self.tables.bury(change.key, str(position))
            return
        row, document = _row(change.value_bytes)
        tally.replaced(known, row)
        self.tables.put(row, document)

    def take_erasures(self, erasures: Sequence[Erasure]) -> None:
        """Erase what the log no longer tells of: all but rows, which a copy or the feed brings."""

        def work() -> None:
            for erasure in erasures:
                self._erase(erasure.client_id, Position.parse(erasure.version))

        transaction(self._connection, work)

    def _erase(self, client_id: str, position: Position) -> None:
        self._erasing.erase(client_id, position)
        self._outbox.recount()
        self._lost.recount()
        self.erased += 1

    def enter_epoch(self, position: Position) -> Head:
        """Take the name that the register, restored, has given to the present version."""

        def work() -> _State:
            assert self.head is not None  # noqa: S101 - a copy comes first
            self.tables.add_epoch(position.epoch, position.version)
            self._outbox.ask_again(position)
            return self._store(replace(self.head, position=position), self.copy)

        return self._transact(work)

    def mend(self, client_id: str, value: bytes | None, at: Position) -> tuple[Head, bool]:
        """Make one row what the register had at ``at``; a row that changed later stays."""
        mended: list[bool] = []

        def work() -> _State:
            assert self.head is not None  # noqa: S101 - a copy comes first
            head, copy = self.head, self.copy
            found = self.tables.client(client_id)
            known = found if isinstance(found, Row) else None
            row, document = _row(value) if value is not None else (None, None)
            ahead = row is not None and Position.parse(row.version) > head.position
            newer = known is not None and at < Position.parse(known.version) <= head.position
            if known == row or ahead or newer:  # the feed brings it, or has brought it
                return head, copy
            tally = _Tally(head.digest, head.clients)
            tally.replaced(known, row)
            if row is None:
                self.tables.bury(client_id, str(at))
                self._gone(client_id)
            else:
                self.tables.put(row, document)
            self._outbox.show(client_id)
            mended.append(True)
            return self._store(replace(head, digest=tally.digest, clients=tally.clients), copy)

        return self._transact(work), bool(mended)

    def correct_digest(self, difference: int) -> Head:
        """Add to the digest what its stored value lacked against the rows."""

        def work() -> _State:
            assert self.head is not None  # noqa: S101 - a copy comes first
            clients = self.tables.count()
            total = digest.add(self.head.digest, difference)
            return self._store(replace(self.head, digest=total, clients=clients), self.copy)

        return self._transact(work)

    def index_some(self) -> None:
        """Index some of the clients that wait for it."""
        limit = limits.SEARCH_INDEX_STEP_ITEMS
        transaction(self._connection, lambda: self.tables.index_some(limit))
        self.searchable = self._all_indexed()

    def _all_indexed(self) -> bool:
        return self.tables.unindexed(1) == 0

    def prune(self, *, up_to: int, older_than_s: int, limit: int) -> Head | None:
        """Drop changes beyond retention; gives the new head, None when there were none."""

        def work() -> Head | None:
            dropped = self.tables.prune(up_to=up_to, older_than_s=older_than_s, limit=limit)
            return self.tables.head() if dropped else None

        head = transaction(self._connection, work)
        self.head = head or self.head
        return head

    def _transact(self, work: Callable[[], _State]) -> Head:
        """Keep what is known in memory only once it is committed: the other thread reads it."""
        head, self.copy = transaction(self._connection, work)
        self.head = head
        self.searchable = self._all_indexed()
        return head


def _newest(rows: Sequence[tuple[Row, str | None]]) -> list[Position]:
    """Give the newest version of some rows: as texts they sort as positions do."""
    return [Position.parse(max(row.version for row, _ in rows))] if rows else []


class _Tally:
    """Carries a digest and a number of rows through a transaction."""

    def __init__(self, total: int, clients: int) -> None:
        self.digest = total
        self.clients = clients

    def add(self, rows: Sequence[tuple[Row, str | None]]) -> None:
        """Count rows that were added."""
        self.digest = sum((digest.row_digest(*row) for row, _ in rows), self.digest) % (1 << 128)
        self.clients += len(rows)

    def replaced(self, before: Row | None, after: Row | None) -> None:
        """Count a row that was replaced, added (no ``before``) or dropped (no ``after``)."""
        if before is not None:
            self.digest = digest.subtract(self.digest, digest.row_digest(*before))
            self.clients -= 1
        if after is not None:
            self.digest = digest.add(self.digest, digest.row_digest(*after))
            self.clients += 1


_decode_stored = msgspec.json.Decoder(_Stored).decode


def _row(value: bytes) -> tuple[Row, str | None]:
    stored = _decode_stored(value)
    return Row(stored.id, stored.version, value), stored.document
