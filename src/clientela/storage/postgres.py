"""PostgreSQL: connections that the queries take for any other, opened anew when they broke.

psycopg speaks to it without asyncio: the queries are the ones that SQLite runs, and a server calls
them in threads. A connection is in autocommit, so that a statement by itself is one transaction.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from clientela import limits
from clientela.errors import ClientelaError, StartupError
from clientela.storage.engine import Value
from clientela.storage.urls import PostgresUrl

_Result = TypeVar("_Result")
# The line broke, or its other end does not take writes any more: another connection is needed.
_LOST = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.ReadOnlySqlTransaction,
)
READS = {"default_transaction_isolation": "repeatable read", "default_transaction_read_only": "on"}
WRITES = {
    # A server that hangs in its transaction would hold up all others.
    "idle_in_transaction_session_timeout": f"{limits.POSTGRES_IDLE_MS}",
    "lock_timeout": f"{limits.POSTGRES_LOCK_MS}",
    # A commit that is cut short by it would seem replicated, and is not.
    "statement_timeout": "0",
}
_LINE: Mapping[str, str | int] = {
    "application_name": "clientela",
    "connect_timeout": limits.POSTGRES_CONNECT_S,
    "keepalives_idle": limits.POSTGRES_CONNECT_S,
    "keepalives_interval": 1,
    "keepalives_count": limits.POSTGRES_CONNECT_S,
    "tcp_user_timeout": limits.POSTGRES_SILENT_MS,
}
_MIGRATED = """
CREATE TABLE IF NOT EXISTS migrations (
    part       text NOT NULL,
    number     integer NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (part, number)
)
"""


class DatabaseAwayError(ClientelaError):
    """The database can't be reached; a commit may have happened, and was not confirmed."""

    def __init__(self) -> None:
        super().__init__(
            "database-away",
            "The database can't be reached. If this was a write, send it again with the same "
            "write_id: it is decided once.",
        )


@contextmanager
def _told() -> Iterator[None]:
    """Turn psycopg's errors into those of the engine: DatabaseAwayError, ``disk-full``."""
    try:
        yield
    except psycopg.errors.DiskFull as error:
        detail = "The database's disk is full: nothing was written. Free some space, try again."
        raise ClientelaError("disk-full", detail) from error
    except _LOST as error:
        raise DatabaseAwayError from error


class PostgresConnection:
    """A ``clientela.storage.engine.Connection``; ``raw`` is psycopg's."""

    def __init__(self, raw: psycopg.Connection[Any]) -> None:
        self.raw = raw
        raw.prepared_max = limits.POSTGRES_PREPARED_ITEMS

    def execute(self, statement: str, parameters: Sequence[Value] = (), /) -> "psycopg.Cursor[Any]":
        """Run a statement; raises DatabaseAwayError, ClientelaError ``disk-full``."""
        with _told():
            return self.raw.execute(translated(statement), parameters, binary=True)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Send the statements within it without waiting for each one's answer.

        Raises at its end, at the latest, what any of them raises.
        """
        with _told(), self.raw.pipeline():
            yield

    def wait_for_others(self, own_pid: int | None, timeout_s: float) -> None:
        """Wait for a notification of another session than ``own_pid``; raises DatabaseAwayError."""
        with _told():
            for notice in self.raw.notifies(timeout=timeout_s):
                if notice.pid != own_pid:
                    return

    def close(self) -> None:
        """Close it; an open transaction is undone."""
        self.raw.close()


@lru_cache(maxsize=limits.POSTGRES_PREPARED_ITEMS)
def translated(statement: str) -> str:
    """Write a statement as psycopg wants it; ours are constants, with ``?`` for values alone."""
    return statement.replace("%", "%%").replace("?", "%s")


def connect(url: PostgresUrl, settings: Mapping[str, str]) -> PostgresConnection:
    """Open a connection whose session has some settings; raises DatabaseAwayError."""
    given = conninfo_to_dict(url.conninfo)
    with _told():
        line = make_conninfo(url.conninfo, **{**_LINE, **given})
        connection = PostgresConnection(psycopg.connect(line, autocommit=True))
    # By statements, not by the line's options: libpq would take a session that only reads for a
    # standby, where the URL asks for the primary.
    chosen = ", ".join(["set_config(?, ?, false)"] * len(settings))
    connection.execute(f"SELECT {chosen}", list(chain.from_iterable(settings.items())))
    # What is acknowledged is on disk; stronger settings are the operator's, and stay.
    connection.execute(
        "SELECT set_config('synchronous_commit', 'on', false) "
        "WHERE current_setting('synchronous_commit') = 'off'"
    )
    return connection


class Line:
    """One connection, opened when it is wanted and anew when it broke; for one thread at a time."""

    def __init__(self, url: PostgresUrl, settings: Mapping[str, str]) -> None:
        self._url = url
        self._settings = settings
        self._connection: PostgresConnection | None = None
        self._again_s = 0.0

    @property
    def is_open(self) -> bool:
        """Tell whether there is a connection, as far as is known."""
        return self._connection is not None and not self._connection.raw.closed

    @property
    def pid(self) -> int | None:
        """Give the number by which its notifications are known."""
        return self._connection.raw.info.backend_pid if self._connection and self.is_open else None

    def open(self) -> PostgresConnection:
        """Give the connection; raises DatabaseAwayError, at once when it was tried just now."""
        if self._connection is not None and self.is_open:
            return self._connection
        if time.monotonic() < self._again_s:
            raise DatabaseAwayError
        try:
            self._connection = connect(self._url, self._settings)
        except DatabaseAwayError:
            self._again_s = time.monotonic() + limits.POSTGRES_RECONNECT_S
            raise
        return self._connection

    def drop(self) -> None:
        """Close the connection: the next use opens another."""
        if self._connection is not None:
            self._connection.close()


def transaction(connection: PostgresConnection, work: Callable[[], _Result]) -> _Result:
    """Run ``work`` in one transaction that is durable on return.

    Raises DatabaseAwayError: at its end, that leaves open whether it happened.
    """
    connection.execute("BEGIN")
    try:
        result = work()
        connection.execute("COMMIT")
    except BaseException:
        with suppress(ClientelaError):
            connection.execute("ROLLBACK")
        raise
    return result


@contextmanager
def opening(url: PostgresUrl) -> Iterator[None]:
    """Turn what psycopg says of a database that can't be used into a StartupError."""
    try:
        yield
    except (psycopg.Error, DatabaseAwayError) as error:
        # Of a URL that it can't read, libpq repeats parts: a password may be among them.
        unread = isinstance(error, psycopg.ProgrammingError) and error.sqlstate is None
        told = error.__cause__ if isinstance(error, DatabaseAwayError) else error
        why = "the URL is not understood" if unread else " ".join(str(told).split())
        raise StartupError(f"{url} can't be used: {why}.") from None


def migrate(connection: PostgresConnection, part: str, migrations: Sequence[str]) -> None:
    """Bring the tables of one part of Clientela up to date, one process at a time.

    Raises StartupError when a newer version has changed them, psycopg's and ours otherwise.
    """
    with connection.raw.transaction():
        lock(connection, part)
        connection.execute(_MIGRATED)
        query = "SELECT coalesce(max(number), 0) FROM migrations WHERE part = ?"
        ((applied,),) = connection.execute(query, (part,)).fetchall()
        if applied > len(migrations):
            raise StartupError(
                "The database was changed by a newer Clientela. "
                "Install that version, or a newer one."
            )
        for number, script in enumerate(migrations[applied:], start=applied + 1):
            connection.raw.execute(script)
            insert = "INSERT INTO migrations (part, number) VALUES (?, ?)"
            connection.execute(insert, (part, number))


def lock(connection: PostgresConnection, part: str) -> None:
    """Hold all other processes that lock the same part until the transaction ends."""
    connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", (f"clientela {part}",)
    )
