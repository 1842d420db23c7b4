"""The server's register in PostgreSQL, which any number of servers may write.

Versions come in the order of commit whichever server writes: a transaction first takes the row of
``register``, reads the head there, and gives it free by its commit. The notification that others
wait for is a part of the transaction, so nobody hears of what did not happen.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from clientela import limits
from clientela.errors import ClientelaError
from clientela.feed.position import Position
from clientela.server.postgres_tables import MIGRATIONS, PART
from clientela.server.store import Now, Query, ServerStore
from clientela.server.tables import ServerTables
from clientela.storage.change_log import ChangeLog
from clientela.storage.engine import Connection
from clientela.storage.postgres import (
    READS,
    WRITES,
    DatabaseAwayError,
    Line,
    PostgresConnection,
    connect,
    lock,
    migrate,
    opening,
    transaction,
)
from clientela.storage.read_pool import ReadPool
from clientela.storage.register import HEAD, Head, RegisterTables
from clientela.storage.tokens import TokenTable
from clientela.storage.urls import PostgresUrl

_Result = TypeVar("_Result")
TAKE_HEAD = f"{HEAD} FOR UPDATE OF register"
NOTIFY = "SELECT pg_notify(?, ?)"


class PostgresStore(ServerStore):
    """The database: ``news`` belongs to a listener's thread, the rest as in a ``ServerStore``."""

    shared = True

    def __init__(self, url: PostgresUrl, *, now: Now, new_register: Callable[[], str]) -> None:
        """Open or create the register; raises StartupError when the database can't be used."""
        self._url = url
        self._now = now
        self._writer = Line(url, WRITES)
        self._listener = Line(url, READS)
        self._pool = ReadPool(url, ServerTables)
        with opening(url):
            connection = self._writer.open()
            migrate(connection, PART, MIGRATIONS)
            self.tables = ServerTables(connection)
            self.head = transaction(connection, lambda: self._first_head(connection, new_register))
            self.epochs = self.tables.epochs()
        self._channel = f"clientela_{self.head.register.replace('-', '')}"

    def _first_head(self, connection: PostgresConnection, new_register: Callable[[], str]) -> Head:
        """Give the register's head; of servers that start at once, one creates the register."""
        lock(connection, PART)
        return self.tables.head() or self._create(new_register())

    def _transaction(self, work: Callable[[], _Result]) -> _Result:
        """Run ``work`` in one transaction; raises DatabaseAwayError when its end is not known."""
        try:
            connection = self._writer.open()
            if self.tables.connection is not connection:
                self.tables = ServerTables(connection)
            return transaction(connection, work)
        except DatabaseAwayError:
            self._writer.drop()
            raise

    def _head_to_change(self) -> Head:
        return self._checked(self.tables.head(TAKE_HEAD))

    def _tell_others(self, head: Head) -> None:
        self.tables.connection.execute(NOTIFY, (self._channel, str(head.position)))

    def _at_once(self) -> AbstractContextManager[None]:
        return self._writer.open().at_once()

    def _checked(self, head: Head | None) -> Head:
        if head is None or head.register != self.head.register:
            detail = "The database holds another register than at the start: start the server anew."
            raise ClientelaError("database-away", detail)
        return head

    async def newest(self) -> Head:
        """Give the head with all that any server has committed; raises ``database-away``."""
        return await self._pool.read(self._read_head)

    def _read_head(self, tables: RegisterTables) -> Head:
        """Read the head, and the epochs when there is another one."""
        head = self._checked(tables.head())
        if head.position.epoch != self.epochs[-1].epoch:
            self.epochs = tables.epochs()
        return head

    def news(self) -> Head:
        """Wait until another server has written, a second at most; gives the head.

        Raises ClientelaError ``database-away``.
        """
        try:
            if self._listener.is_open:
                # What this server writes it knows from its own transactions.
                self._listener.open().wait_for_others(self._writer.pid, limits.POSTGRES_POLL_S)
            else:
                self._listener.open().execute(f'LISTEN "{self._channel}"')
            return self._read_head(RegisterTables(self._listener.open()))
        except DatabaseAwayError:
            self._listener.drop()
            raise

    async def read(self, query: Query[_Result]) -> _Result:
        """Give what a query finds, in a thread; raises ClientelaError ``database-away``."""
        return await self._pool.read(query)

    def open_log(self) -> ChangeLog:
        """Give the changes as a log for the feed, which belongs to the event loop's thread."""
        return SharedLog(self)

    def empty_journal(self) -> bool:
        """Give True: what becomes of the database's own journal is its operator's to say."""
        return True

    def open_scan(self) -> Connection:
        """Open a connection for reading all rows at one moment, in any thread."""
        return connect(self._url, READS)

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()
        self._listener.drop()
        self._writer.drop()


class SharedLog(ChangeLog):
    """The changes of a register that others write, too: its head is heard of in any order."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        super().__init__(store.tables, store.head)

    async def _ask(self, query: Callable[[RegisterTables], _Result]) -> _Result:
        return await self._store.read(query)

    def _read_epochs(self) -> list[Position]:
        return self._store.epochs

    def advance(self, head: Head) -> None:
        """Take note of a committed transaction, unless a later one is known already."""
        known = self.head
        if (head.position, head.beginning) > (known.position, known.beginning):
            super().advance(head)


def change_tokens_of(url: PostgresUrl, work: Callable[[TokenTable], _Result]) -> _Result:
    """Run ``work`` in a transaction on a register's tokens, servers or not.

    Raises StartupError, and what ``work`` raises.
    """
    line = Line(url, WRITES)
    try:
        with opening(url):
            connection = line.open()
            migrate(connection, PART, MIGRATIONS)
            return transaction(connection, lambda: work(TokenTable(connection)))
    finally:
        line.drop()
