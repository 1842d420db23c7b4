"""One Log DB in PostgreSQL, read: by each thread on a connection of its own, while others write."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from clientela.errors import ClientelaError, StartupError
from clientela.log_facade.database import Snapshot
from clientela.log_facade.levels import LEVELS
from clientela.log_facade.one_log import OneLog
from clientela.log_facade.postgres import LIST_ROWS, PostgresLog, open_reader
from clientela.storage.postgres import DatabaseAwayError
from clientela.storage.urls import PostgresUrl


class SharedLog(OneLog[PostgresLog]):
    """A Log DB that may not have its tables yet: until then it is empty."""

    def __init__(self, url: PostgresUrl) -> None:
        super().__init__(url)
        self._url = url

    def check(self) -> None:
        """Look whether it can be read; raises StartupError."""
        try:
            with self.snapshot():
                pass
        except ClientelaError as error:
            raise StartupError(f"{self._url}: {error}") from error

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot | None]:
        """Give the log at one moment; None while it is empty.

        Raises ClientelaError ``not-ready`` (503) when it can't be read.
        """
        try:
            connection, source = self._begun()
            try:
                yield None if source is None else self._snapshot(connection, source)
            finally:
                self._end(connection)
        except (psycopg.Error, DatabaseAwayError, StartupError) as error:
            why = str(error.__cause__ or error).partition("\n")[0]
            raise ClientelaError("not-ready", f"The Log DB can't be read: {why}") from error

    def _snapshot(self, connection: PostgresLog, source: int) -> Snapshot:
        return Snapshot(
            connection,
            source,
            levels=LEVELS,
            has_blocks=True,
            list_rows=LIST_ROWS,
            walk=connection.walk,
            tell_damage=self._tell_damage,
        )

    def _begun(self) -> tuple[PostgresLog, int | None]:
        """Begin to read; on a new connection where the last one was lost meanwhile."""
        known: PostgresLog | None = getattr(self._mine, "connection", None)
        if known is not None:
            try:
                return known, known.begin()
            except DatabaseAwayError:
                self._mine.connection = None
                self._drop(known)
        connection = open_reader(self._url)
        self._mine.connection = connection
        self._keep(connection)
        return connection, connection.begin()

    def _end(self, connection: PostgresLog) -> None:
        # A line that was cut is seen at the next beginning.
        with suppress(psycopg.Error, DatabaseAwayError):
            connection.execute("ROLLBACK")
