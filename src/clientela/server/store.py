"""The server's register: one transaction for a group of writes, reads beside it.

``ServerStore`` keeps it in a SQLite file; ``PostgresStore`` does in its own way what depends on the
database. A write's effect, its change and its receipt are committed together, with fsync, before
anyone hears of them; versions are given inside that transaction, so their order is that of commit.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import apsw

from clientela.clients.writes import Receipt
from clientela.feed.position import Position
from clientela.server import erasure
from clientela.server.audit_tables import AuditTables, Source
from clientela.server.group_tables import GroupTables
from clientela.server.ledger import Ledger
from clientela.server.tables import MIGRATIONS, ServerTables, StoredReport, Submission
from clientela.storage.change_log import ChangeLog
from clientela.storage.database import (
    Application,
    OwnerLock,
    empty_journal,
    open_database,
    overwrite_deleted,
    second_connection,
    transaction,
)
from clientela.storage.digests import scan
from clientela.storage.engine import Connection
from clientela.storage.register import Head
from clientela.storage.tokens import TokenTable

APPLICATION = Application(0x434C4953, "a register of Clientela")  # "CLIS"

Now = Callable[[], datetime]
_Result = TypeVar("_Result")
Query = Callable[[ServerTables], _Result]


class ServerStore:
    """The open file: ``reader`` belongs to the event loop's thread, the rest to the writer's.

    ``shared``: other processes write the same register.
    """

    shared = False

    def __init__(self, path: Path, *, now: Now, new_register: Callable[[], str]) -> None:
        """Open or create the register; raises StartupError when the file can't be used."""
        self._lock = OwnerLock(path)
        try:
            self._connection = _open(path)
        except BaseException:
            self._lock.close()
            raise
        self._path = path
        self._now = now
        self.tables = ServerTables(self._connection)
        self.head = self.tables.head() or self._transaction(lambda: self._create(new_register()))
        self.reader = ServerTables(second_connection(path, read_only=True))

    def _create(self, register: str) -> Head:
        head = Head(register, Position(1, 0), digest=0, clients=0, beginning=0)
        self.tables.add_epoch(1, 0)
        self.tables.set_head(head)
        return head

    def commit(self, group: Sequence[Submission]) -> tuple[list[Receipt], Head]:
        """Decide a group of writes in one durable transaction; all of it happens, or nothing.

        Raises ClientelaError ``disk-full``, ``database-away``: then it may have happened.
        """

        def work() -> tuple[list[Receipt], Head]:
            before = self._head_to_change()
            tables = GroupTables(self.tables, [submission.parsed for submission in group])
            ledger = Ledger(tables, before, self._now())
            receipts = [ledger.settle(submission) for submission in group]
            with self._at_once():
                tables.flush()
                if ledger.head != before:
                    self.tables.set_head(ledger.head)
                    self._tell_others(ledger.head)
            return receipts, ledger.head

        receipts, self.head = self._transaction(work)
        return receipts, self.head

    def erase(self, client_id: str, write_id: str, source: Source) -> tuple[Receipt, Head]:
        """Erase a person, durably; raises ClientelaError ``not-found``, ``disk-full``."""
        asked = erasure.Request(client_id, write_id, self._now(), source)

        def work() -> tuple[Receipt, Head]:
            before = self._head_to_change()
            receipt, head = erasure.erase(self.tables, before, asked)
            if head != before:
                self._tell_others(head)
            return receipt, head

        receipt, self.head = self._transaction(work)
        return receipt, self.head

    def note(self, action: str, client_id: str, source: Source) -> None:
        """Note an act in the audit trail, durably; raises ClientelaError ``disk-full``."""
        now = self._now()
        at_us = int(now.timestamp()) * 1_000_000 + now.microsecond

        def work() -> None:
            audit = AuditTables(self.tables.connection)
            audit.add(at_us, action, client_id, None, source)

        self._transaction(work)

    def empty_journal(self) -> bool:
        """Leave nothing in the journal of what was erased; False when it must be tried again."""
        return empty_journal(self._connection)

    def prune(self, *, up_to: int, older_than_s: int, limit: int) -> tuple[int, Head]:
        """Drop changes beyond retention; gives how many, and the head with its new beginning."""

        def work() -> tuple[int, Head]:
            before = self._head_to_change()
            dropped = self.tables.prune(up_to=up_to, older_than_s=older_than_s, limit=limit)
            head = self.tables.head() or before
            if dropped:
                self._tell_others(head)
            return dropped, head

        dropped, self.head = self._transaction(work)
        return dropped, self.head

    def store_reports(self, reports: Mapping[str, StoredReport | None]) -> None:
        """Store what facades reported; raises ClientelaError ``disk-full``, ``database-away``."""
        self._transaction(lambda: self.tables.store_reports(reports))

    async def read(self, query: Query[_Result]) -> _Result:
        """Give what a query finds; belongs to the event loop's thread."""
        return query(self.reader)

    async def newest(self) -> Head:
        """Give the head with all that any process has committed."""
        return self.head

    def news(self) -> Head:
        """Wait a while for what another process writes, in a thread of its own; gives the head."""
        return self.head

    def open_log(self) -> ChangeLog:
        """Give the changes as a log for the feed, which belongs to the event loop's thread."""
        return ChangeLog(self.reader, self.head)

    def open_scan(self) -> Connection:
        """Open a connection for reading all rows at one moment, in any thread."""
        return scan(self._path)

    def _transaction(self, work: Callable[[], _Result]) -> _Result:
        """Run ``work`` in one transaction that is durable on return, or has left no trace."""
        return transaction(self._connection, work)

    def _head_to_change(self) -> Head:
        """Give the head that the transaction under way builds on; no other one has the same."""
        return self.head

    def _tell_others(self, head: Head) -> None:
        """Have other processes hear of a head when the transaction under way is committed."""

    def _at_once(self) -> AbstractContextManager[None]:
        """Let what is stored within it not wait for the database, statement by statement."""
        return nullcontext()

    def change_tokens(self, work: Callable[[TokenTable], _Result]) -> _Result:
        """Add or revoke tokens; raises ClientelaError ``disk-full``, or what ``work`` raises."""
        return self._transaction(lambda: work(TokenTable(self.tables.connection)))

    def close(self) -> None:
        """Close the file and give it free."""
        self.reader.connection.close()
        self._connection.close()
        self._lock.close()


def _open(path: Path) -> apsw.Connection:
    connection = open_database(path, application=APPLICATION, migrations=MIGRATIONS)
    overwrite_deleted(connection)
    return connection
