"""The server's register as its routes see it: reads at once, writes in groups, a log of changes."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import NamedTuple, TypeVar

from clientela import limits
from clientela.clients.writes import Receipt
from clientela.errors import ClientelaError
from clientela.server.audit_tables import Source
from clientela.server.store import Query, ServerStore
from clientela.server.tables import StoredReport, Submission
from clientela.storage.erasures import Erasure
from clientela.storage.tokens import StoredToken, TokenTable

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")


class _Batch(NamedTuple):
    """Writes of one request, and who waits for their receipts."""

    submissions: Sequence[Submission]
    receipts: asyncio.Future[list[Receipt]]


class Register:
    """Owns the store; all methods belong to the event loop's thread.

    A group takes what has arrived while the last one was being committed, so that many requests
    share one transaction and one fsync.
    """

    def __init__(self, store: ServerStore) -> None:
        self._store = store
        self.log = store.open_log()
        self.shared = store.shared
        self._thread = ThreadPoolExecutor(1, "register-writer")
        self._waiting: deque[_Batch] = deque()
        self.waiting_items = 0
        self._arrived = asyncio.Event()
        self._closing = False
        self._to_empty = asyncio.Event()  # whether the journal may hold what was erased
        if store.tables.any_erased():
            self._to_empty.set()

    async def submit(self, submissions: Sequence[Submission]) -> list[Receipt]:
        """Have writes decided; gives their receipts, in order, once they are durable.

        Raises ClientelaError ``overloaded`` when too many wait, ``disk-full`` when there is no
        room: then nothing was written.
        """
        if not submissions:
            return []
        if self._closing or self.waiting_items + len(submissions) > limits.WRITE_QUEUE_ITEMS_MAX:
            raise ClientelaError("overloaded", "Too many writes wait: try again in a moment.")
        batch = _Batch(submissions, asyncio.get_running_loop().create_future())
        self._waiting.append(batch)
        self.waiting_items += len(submissions)
        self._arrived.set()
        return await batch.receipts

    async def run(self) -> None:
        """Commit group after group until ``close``."""
        while True:
            await self._arrived.wait()
            group = self._take()
            if group:
                await self._commit(group)
            elif self._closing:
                return
            else:
                self._arrived.clear()

    def _take(self) -> list[_Batch]:
        group: list[_Batch] = []
        size = 0
        while self._waiting:
            size += len(self._waiting[0].submissions)
            if group and size > limits.WRITE_GROUP_ITEMS_MAX:
                break
            group.append(self._waiting.popleft())
        return group

    async def _commit(self, group: list[_Batch]) -> None:
        submissions = [submission for batch in group for submission in batch.submissions]
        loop = asyncio.get_running_loop()
        try:
            receipts, head = await loop.run_in_executor(
                self._thread, self._store.commit, submissions
            )
        except Exception as error:  # noqa: BLE001 - each caller is told, and the next group goes on
            _fail(group, error)
        else:
            self.log.advance(head)
            _resolve(group, receipts)
        finally:
            self.waiting_items -= len(submissions)

    async def read(self, query: Query[_Result]) -> _Result:
        """Give what a query finds; raises ClientelaError ``database-away``."""
        return await self._store.read(query)

    async def look(self) -> None:
        """See what other servers have written; raises ClientelaError ``database-away``.

        What was acknowledged anywhere before is in what is read and told after it.
        """
        if self.shared:
            self.log.advance(await self._store.newest())

    async def hear_others(self) -> None:
        """Follow what other servers write, until cancelled; belongs to a shared register.

        While the database is away this server knows nothing of others: nobody is told any more that
        nothing has changed, for live answers end.
        """
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, "register-listener") as thread:
            while True:
                try:
                    async with asyncio.timeout(limits.POSTGRES_SILENT_S):
                        head = await loop.run_in_executor(thread, self._store.news)
                except (ClientelaError, TimeoutError) as error:
                    _log.warning("Other servers can't be heard: %s", error.__cause__ or error)
                    self.log.tail.interrupt()
                    await asyncio.sleep(limits.POSTGRES_RECONNECT_S)
                else:
                    self.log.advance(head)

    async def prune(self, now: datetime) -> int:
        """Drop some changes beyond retention; gives how many."""
        up_to = self.log.head.position.version - limits.CHANGES_KEPT_ITEMS_MIN
        if up_to <= self.log.head.beginning:
            return 0
        older_than_s = int(now.timestamp()) - limits.CHANGES_KEPT_S_MIN
        dropped, head = await asyncio.get_running_loop().run_in_executor(
            self._thread,
            lambda: self._store.prune(
                up_to=up_to, older_than_s=older_than_s, limit=limits.PRUNE_ITEMS_MAX
            ),
        )
        self.log.advance(head)
        return dropped

    async def erase(self, client_id: str, write_id: str, source: Source) -> Receipt:
        """Erase a person; durable on return. Raises ClientelaError ``not-found``, ``disk-full``."""
        loop = asyncio.get_running_loop()
        receipt, head = await loop.run_in_executor(
            self._thread, self._store.erase, client_id, write_id, source
        )
        self.log.advance(head)
        self._to_empty.set()
        return receipt

    async def erasures(self, after: str, limit: int) -> list[Erasure]:
        """Give some erasures after a position; raises ClientelaError ``database-away``."""
        return await self.read(lambda tables: tables.erasures.after(after, limit))

    async def note(self, action: str, client_id: str, source: Source) -> None:
        """Note an act in the audit trail; durable on return. Raises ``disk-full``."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._store.note, action, client_id, source)

    async def empty_journal_for_ever(self) -> None:
        """Have what was erased leave the journal, too, as soon as no reader needs it."""
        while True:
            await self._to_empty.wait()
            self._to_empty.clear()
            loop = asyncio.get_running_loop()
            if not await loop.run_in_executor(self._thread, self._store.empty_journal):
                self._to_empty.set()
                await asyncio.sleep(limits.JOURNAL_EMPTIED_AGAIN_S)

    async def store_reports(self, reports: Mapping[str, StoredReport | None]) -> None:
        """Store what facades reported; raises ClientelaError ``disk-full``."""
        if reports:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._thread, self._store.store_reports, reports)

    async def living_tokens(self, now_s: float) -> list[StoredToken]:
        """Give the tokens that can be used, also those that another process has just made."""
        return await self.read(lambda tables: TokenTable(tables.connection).living(now_s))

    async def every_token(self) -> list[StoredToken]:
        """Give all tokens there ever were."""
        return await self.read(lambda tables: TokenTable(tables.connection).all())

    async def change_tokens(self, work: Callable[[TokenTable], _Result]) -> _Result:
        """Add or revoke tokens; raises ClientelaError ``disk-full``, or what ``work`` raises."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._store.change_tokens, work)

    def close(self) -> None:
        """Take no more writes; ``run`` ends when those that wait are committed."""
        self._closing = True
        self._arrived.set()

    def release(self) -> None:
        """Close the store, after ``run`` has ended."""
        self._thread.shutdown()
        self._store.close()


def _resolve(group: list[_Batch], receipts: list[Receipt]) -> None:
    start = 0
    for batch in group:
        end = start + len(batch.submissions)
        if not batch.receipts.done():  # a caller that left has cancelled its future
            batch.receipts.set_result(receipts[start:end])
        start = end


def _fail(group: list[_Batch], error: Exception) -> None:
    for batch in group:
        if not batch.receipts.done():
            batch.receipts.set_exception(error)
