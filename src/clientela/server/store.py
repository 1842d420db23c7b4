"""The server's register in SQLite: one transaction for a group of writes, reads beside it.

A write's effect, its change and its receipt are committed together, with fsync, before anyone hears
of them; versions are given inside that transaction, so their order is the order of commit.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import apsw

from clientela import limits
from clientela.clients.writes import Receipt
from clientela.feed.position import Position
from clientela.server import erasure
from clientela.server.audit_tables import AuditTables, Source
from clientela.server.group_tables import GroupTables
from clientela.server.ledger import Ledger
from clientela.server.tables import MIGRATIONS, ServerTables, StoredReport, Submission
from clientela.storage.database import (
    Application,
    OwnerLock,
    empty_journal,
    open_database,
    overwrite_deleted,
    second_connection,
    transaction,
)
from clientela.storage.register import Head
from clientela.storage.tokens import TokenTable

APPLICATION = Application(0x434C4953, "a register of Clientela")  # "CLIS"

Now = Callable[[], datetime]
_Result = TypeVar("_Result")


class ServerStore:
    """The open file: ``reader`` belongs to the event loop's thread, the rest to the writer's."""

    def __init__(self, path: Path, *, now: Now, new_register: Callable[[], str]) -> None:
        """Open or create the register; raises StartupError when the file can't be used."""
        self._lock = OwnerLock(path)
        try:
            self._connection = _open(path)
        except BaseException:
            self._lock.close()
            raise
        self._now = now
        self.tables = ServerTables(self._connection)
        self.head = self.tables.head() or self._create(new_register())
        cache_bytes = limits.SQLITE_HOT_CACHE_BYTES
        self.reader = ServerTables(second_connection(path, read_only=True, cache_bytes=cache_bytes))

    def _create(self, register: str) -> Head:
        head = Head(register, Position(1, 0), digest=0, clients=0, beginning=0)

        def work() -> None:
            self.tables.add_epoch(1, 0)
            self.tables.set_head(head)

        transaction(self._connection, work)
        return head

    def commit(self, group: Sequence[Submission]) -> tuple[list[Receipt], Head]:
        """Decide a group of writes in one durable transaction; all of it happens, or nothing.

        Raises ClientelaError ``disk-full``.
        """

        def work() -> tuple[list[Receipt], Head]:
            tables = GroupTables(self.tables, [submission.parsed for submission in group])
            ledger = Ledger(tables, self.head, self._now())
            receipts = [ledger.settle(submission) for submission in group]
            tables.flush()
            if ledger.head != self.head:
                self.tables.set_head(ledger.head)
            return receipts, ledger.head

        receipts, self.head = transaction(self._connection, work)
        return receipts, self.head

    def erase(self, client_id: str, write_id: str, source: Source) -> tuple[Receipt, Head]:
        """Erase a person, durably; raises ClientelaError ``not-found``, ``disk-full``."""
        asked = erasure.Request(client_id, write_id, self._now(), source)

        def work() -> tuple[Receipt, Head]:
            return erasure.erase(self.tables, self.head, asked)

        receipt, self.head = transaction(self._connection, work)
        return receipt, self.head

    def note(self, action: str, client_id: str, source: Source) -> None:
        """Note an act in the audit trail, durably; raises ClientelaError ``disk-full``."""
        now = self._now()
        at_us = int(now.timestamp()) * 1_000_000 + now.microsecond
        audit = AuditTables(self._connection)
        transaction(self._connection, lambda: audit.add(at_us, action, client_id, None, source))

    def empty_journal(self) -> bool:
        """Leave nothing in the journal of what was erased; False when it must be tried again."""
        return empty_journal(self._connection)

    def prune(self, *, up_to: int, older_than_s: int, limit: int) -> tuple[int, Head]:
        """Drop changes beyond retention; gives how many, and the head with its new beginning."""

        def work() -> tuple[int, Head | None]:
            dropped = self.tables.prune(up_to=up_to, older_than_s=older_than_s, limit=limit)
            return dropped, self.tables.head()

        dropped, head = transaction(self._connection, work)
        self.head = head or self.head
        return dropped, self.head

    def store_reports(self, reports: Mapping[str, StoredReport | None]) -> None:
        """Store what facades reported; raises ClientelaError ``disk-full``."""
        transaction(self._connection, lambda: self.tables.store_reports(reports))

    def change_tokens(self, work: Callable[[TokenTable], _Result]) -> _Result:
        """Add or revoke tokens; raises ClientelaError ``disk-full``, or what ``work`` raises."""
        return transaction(self._connection, lambda: work(TokenTable(self._connection)))

    def close(self) -> None:
        """Close the file and give it free."""
        self.reader.connection.close()
        self._connection.close()
        self._lock.close()


def _open(path: Path) -> apsw.Connection:
    connection = open_database(
        path,
        application=APPLICATION,
        migrations=MIGRATIONS,
        cache_bytes=limits.SQLITE_HOT_CACHE_BYTES,
    )
    overwrite_deleted(connection)
    return connection
