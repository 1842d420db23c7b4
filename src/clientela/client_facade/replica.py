"""A facade's replica: read at once in the event loop's thread, changed in one other."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from clientela import limits
from clientela.client_facade.erasing import Erasing
from clientela.client_facade.hot_clients import HotClients
from clientela.client_facade.lost import LostChanges
from clientela.client_facade.lost_tables import LostTables
from clientela.client_facade.outbox import Outbox
from clientela.client_facade.outbox_tables import Entry, OutboxTables
from clientela.client_facade.scrubbing import Scrubbing
from clientela.client_facade.session_tables import Session, SessionTable
from clientela.client_facade.tables import APPLICATION, MIGRATIONS, ReplicaTables
from clientela.client_facade.view import View
from clientela.client_facade.windows import Windows
from clientela.client_facade.writer import Page, ReplicaWriter
from clientela.clients.changes import changed_client
from clientela.clients.writes import ParsedWrite, Receipt
from clientela.errors import ClientelaError
from clientela.feed.position import Position
from clientela.storage.change_log import ChangeLog
from clientela.storage.database import (
    OwnerLock,
    open_database,
    overwrite_deleted,
    second_connection,
    transaction,
)
from clientela.storage.erasures import Erasure
from clientela.storage.register import Head
from clientela.storage.tokens import StoredToken, TokenTable
from clientela.web.recent_changes import RecentChanges

_Result = TypeVar("_Result")


class Replica:
    """Owns a Client DB; its methods belong to the event loop's thread."""

    def __init__(self, path: Path, *, facade: str, now_ms: Callable[[], int]) -> None:
        """Open or create the file; raises StartupError when it can't be used."""
        # Also where a power cut took all that was in it: an earlier process was at work.
        self.reopened = path.exists()
        self._lock = OwnerLock(path)
        try:
            connection = open_database(path, application=APPLICATION, migrations=MIGRATIONS)
        except BaseException:
            self._lock.close()
            raise
        overwrite_deleted(connection)
        # What a power cut takes from a replica, the feed brings again.
        connection.execute("PRAGMA synchronous = NORMAL")
        self._connection = connection
        self._outbox = Outbox(connection, facade=facade, now_ms=now_ms)
        self._lost = LostChanges(connection, self._outbox, now_ms)
        self._writer = ReplicaWriter(connection, self._outbox, self._lost)
        self._scrubbing = Scrubbing(connection)
        self._thread = ThreadPoolExecutor(1, "replica-writer")
        reader = second_connection(path, read_only=True, cache_bytes=limits.SQLITE_HOT_CACHE_BYTES)
        self.tables = ReplicaTables(reader)
        self.outbox = OutboxTables(reader)
        self.lost = LostTables(reader)
        self.view = View(reader)
        self.hot = HotClients()
        self.recent = RecentChanges(self.tables.now)
        self.windows = Windows(path)
        self.erasing = Erasing(reader)
        self.on_erased: list[Callable[[], None]] = []  # who keeps in memory what reads have shown
        self._erased = 0
        self.erased_writes = self.erasing.dropped()
        self._searchable, self._to_index = asyncio.Event(), asyncio.Event()
        head = self._writer.head
        self._log = ChangeLog(self.tables, head) if head else None
        self._count()

    @property
    def head(self) -> Head | None:
        """Give the replica's position, digest and size; None before the first page of a copy."""
        return self._log.head if self._log else None

    @property
    def copying(self) -> bool:
        """Tell whether pages of a copy are still to come."""
        # As the writer has it: ``head`` follows only after what waits for the copy's end was told.
        copy = self._writer.copy
        return self._writer.head is None or (copy is not None and not copy.done)

    @property
    def copied_up_to(self) -> str | None:
        """Give the last id that a copy under way has reached."""
        copy = self._writer.copy
        return copy.after if copy and not copy.done else None

    @property
    def erased_up_to(self) -> str:
        """Give the position of the last erasure known here; empty when there was none."""
        return self.erasing.last

    @property
    def settled(self) -> bool:
        """Tell whether the replica can be compared with the register."""
        return self.head is not None and self._writer.copy is None

    @property
    def readable(self) -> bool:
        """Tell whether a whole register is here; from the first copy on it always is."""
        copy = self._writer.copy
        return self.head is not None and not (copy and copy.first)

    def log(self) -> ChangeLog:
        """Give the log of changes; raises ClientelaError ``not-ready`` before the first copy."""
        if self._log is None or not self.readable:
            raise not_ready()
        return self._log

    async def shows(self, position: Position) -> bool:
        """Wait until reads show all that the register held at a position; False if not in time.

        A copy brings it range by range: until its last page the rest is as old as it was.
        """
        before = position._replace(version=position.version - 1)
        reached = await self.log().tail.beyond(before, timeout_s=limits.REPLICA_WAIT_S)
        return reached and not self.copying

    async def take_page(self, page: Page) -> None:
        """Take a page of a copy."""
        self._advance(await self._run(lambda: self._writer.take_page(page)))

    async def take_changes(self, messages: Sequence[bytes]) -> None:
        """Apply changes of the feed."""
        touched = [changed_client(raw) for raw in messages]
        work = partial(self._writer.take_changes, messages)
        self._advance(await self._run(work, touched=touched))

    async def take_erasures(self, erasures: Sequence[Erasure]) -> None:
        """Erase all that is here beside the rows of clients that the log no longer tells of."""
        touched = [erasure.client_id for erasure in erasures]
        await self._run(lambda: self._writer.take_erasures(erasures), touched=touched)

    async def scrub_some(self) -> None:
        """Have what was erased leave the file's every corner; waits until there is a need."""
        await self._scrubbing.due.wait()
        self._scrubbing.due.clear()
        stepped = await self._run(self._scrubbing.step, touched=())
        if not (stepped and self._scrubbing.is_done):
            self._scrubbing.due.set()
        if not stepped:
            await asyncio.sleep(limits.JOURNAL_EMPTIED_AGAIN_S)

    async def enter_epoch(self, position: Position) -> None:
        """Take the name that the register, restored, has given to the present version."""
        self._advance(await self._run(lambda: self._writer.enter_epoch(position)))

    async def keep_lost(self, after: int, up_to: int, known: Mapping[str, Receipt]) -> int:
        """Keep changes that the register no longer has; gives how many are kept. Durable."""
        return await self._run(lambda: self._durably(lambda: self._lost.keep(after, up_to, known)))

    async def close_lost(self, write_id: str, *, offered: bool) -> None:
        """Let a lost change go: it was offered again, or discarded; durable on return."""
        await self._run(lambda: self._durably(lambda: self._lost.close(write_id, offered=offered)))

    async def mend(self, client_id: str, value: bytes | None, at: Position) -> bool:
        """Put one row right: it was ``value`` (None: no client) at ``at``; False when it is so."""
        head, mended = await self._run(lambda: self._writer.mend(client_id, value, at))
        self._advance(head)
        return mended

    async def correct_digest(self, difference: int) -> None:
        """Add what was missing in the stored digest."""
        self._advance(await self._run(lambda: self._writer.correct_digest(difference)))

    async def take_in(
        self,
        writes: Sequence[ParsedWrite],
        *,
        actor: str | None = None,
        perhaps_decided: bool = False,
    ) -> list[Receipt]:
        """Keep writes until the server has decided them; durable on return."""

        def work() -> list[Receipt]:
            return self._outbox.take_in(writes, actor=actor, perhaps_decided=perhaps_decided)

        return await self._run(lambda: self._durably(work))

    async def keep_accepted(
        self, writes: Sequence[ParsedWrite], receipts: Sequence[Receipt]
    ) -> None:
        """Show accepted writes before the feed brings them; durable on return."""
        await self._run(lambda: self._durably(lambda: self._outbox.keep_accepted(writes, receipts)))

    async def settle(self, receipts: Sequence[Receipt]) -> None:
        """Take the server's verdicts on pending writes; durable on return."""
        await self._run(lambda: self._durably(lambda: self._outbox.settle(receipts)))

    async def supersede(self, entry: Entry, parsed: ParsedWrite, actor: str | None) -> Receipt:
        """Put a new write in the place of a refused one; durable on return."""

        def work() -> Receipt:
            return self._outbox.supersede(entry, parsed, actor)

        return await self._run(lambda: self._durably(work))

    async def discard(self, entry: Entry) -> None:
        """Close a refused write; durable on return."""
        await self._run(lambda: self._durably(lambda: self._outbox.discard(entry)))

    def sessions(self) -> list[Session]:
        """Give the sessions that were not ended."""
        return SessionTable(self.tables.connection).all()

    async def change_sessions(self, kept: Iterable[Session], ended: Iterable[Session]) -> None:
        """Keep some sessions, end others; durable on return."""
        change = partial(SessionTable(self._connection).change, kept, ended)
        await self._run(lambda: self._durably(change), touched=())

    def living_tokens(self, now_s: float) -> list[StoredToken]:
        """Give the tokens that can be used, as the server last told them."""
        return TokenTable(self.tables.connection).living(now_s)

    async def keep_tokens(self, tokens: Sequence[StoredToken]) -> None:
        """Keep the tokens that live at the server, and no others; durable on return."""
        table = TokenTable(self._connection)
        await self._run(lambda: self._durably(lambda: table.replace(tokens)), touched=())

    async def tried(self, error: str, count: int) -> None:
        """Note that the oldest pending writes were sent in vain."""
        await self._run(lambda: self._durably(lambda: self._outbox.tables.tried(error, count)))

    def _durably(self, work: Callable[[], _Result]) -> _Result:
        """Run a transaction that an answer depends on: with fsync, unlike the replica's own."""
        self._connection.execute("PRAGMA synchronous = FULL")
        try:
            return transaction(self._connection, work)
        finally:
            self._connection.execute("PRAGMA synchronous = NORMAL")

    @property
    def searchable(self) -> bool:
        """Tell whether the search knows every client as reads show it."""
        return self._searchable.is_set()

    async def be_searchable(self) -> bool:
        """Wait until the search knows every client; False if not in time."""
        try:
            await asyncio.wait_for(self._searchable.wait(), limits.REPLICA_WAIT_S)
        except TimeoutError:
            return False
        return True

    async def index_some(self) -> None:
        """Index some clients for the search, as soon as any wait for it; a copy goes first."""
        await self._to_index.wait()
        await self._run(self._writer.index_some)

    async def prune(self, now: datetime) -> bool:
        """Drop some changes beyond retention; False when there were none."""
        if self.head is None:
            return False
        up_to = self.head.position.version - limits.FACADE_CHANGES_KEPT_ITEMS_MIN
        if up_to <= self.head.beginning:
            return False
        older_than_s = int(now.timestamp()) - limits.FACADE_CHANGES_KEPT_S_MIN
        head = await self._run(
            lambda: self._writer.prune(
                up_to=up_to, older_than_s=older_than_s, limit=limits.PRUNE_ITEMS_MAX
            )
        )
        if head is not None:
            self._advance(head)
        return head is not None

    async def erasures(self, after: str, limit: int) -> list[Erasure]:
        """Give some erasures after a position."""
        return self.tables.erasures.after(after, limit)

    async def _run(
        self, work: Callable[[], _Result], *, touched: Iterable[str] | None = None
    ) -> _Result:
        """Run what changes the file; with ``touched``, reads change of these clients alone."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except BaseException:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._recount)
            raise
        finally:
            # What is shown over other rows can change with them.
            covered = self.view.covered
            self._count()
            changed = None if covered or self.view.covered else touched
            self.hot.forget(changed)
            self.recent.note(changed)

    def _recount(self) -> None:
        self._outbox.recount()
        self._lost.recount()

    def _count(self) -> None:
        self.view.covered = self._outbox.open > 0
        self.pending, self.refused = self._outbox.pending, self._outbox.refused
        self.lost_changes = self._lost.count
        if self._writer.erased != self._erased:
            self._erased = self._writer.erased
            self._scrubbing.due.set()
            self.erased_writes = self.erasing.dropped()
            for forget in self.on_erased:
                forget()
        self._tell(self._searchable, is_so=self._writer.searchable)
        self._tell(self._to_index, is_so=not (self._writer.searchable or self.copying))

    @staticmethod
    def _tell(event: asyncio.Event, *, is_so: bool) -> None:
        if is_so:
            event.set()
        else:
            event.clear()

    def _advance(self, head: Head) -> None:
        if self._log is None:
            self._log = ChangeLog(self.tables, head)
        else:
            self._log.advance(head)

    def stop_live_answers(self) -> None:
        """End what waits for changes."""
        if self._log is not None:
            self._log.tail.close()

    def close(self) -> None:
        """Close the file, after the last transaction has ended."""
        self._thread.shutdown()
        self.windows.close()
        self.tables.connection.close()
        self._connection.close()
        self._lock.close()


def not_ready() -> ClientelaError:
    """Say that the first copy of the register is not complete yet."""
    return ClientelaError(
        "not-ready", "This facade is making its first copy of the register: try again in a moment."
    )
