"""One Log DB, read: by each thread on a connection of its own, while its facade writes it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from clientela import limits
from clientela.errors import ClientelaError, StartupError
from clientela.log_facade.database import Snapshot
from clientela.log_facade.levels import LEVELS, MINUTES
from clientela.log_facade.migrations import APPLICATION, MIGRATIONS
from clientela.log_facade.one_log import OneLog
from clientela.log_facade.sqlite import LIST_ROWS
from clientela.storage.database import open_database

# The last migrations before there were any. A file that is only read may be one that its writer
# has not migrated yet.
_WITHOUT_HOURS = 1
_WITHOUT_BLOCKS = 2
_SOURCE = "SELECT source FROM log"
_Identity = tuple[int, int]


class _Opened:
    """A connection, the number of the log that it reads, and which file that was."""

    def __init__(self, connection: apsw.Connection, identity: _Identity) -> None:
        self.connection = connection
        self.identity = identity
        self.source = int(next(iter(connection.execute(_SOURCE)))[0])


class LogFile(OneLog[apsw.Connection]):
    """A Log DB that may not exist yet: until it appears it is empty."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path

    def check(self) -> None:
        """Look whether the file, if it is there, can be read; raises StartupError."""
        try:
            self._opened()
        except apsw.Error as error:
            raise StartupError(f"{self.path} can't be read: {error}") from error

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot | None]:
        """Give the log at one moment; None while it is empty.

        Raises ClientelaError ``not-ready`` (503) when the file can't be read.
        """
        try:
            opened = self._opened()
            if opened is None:
                yield None
                return
            opened.connection.execute("BEGIN")
            try:
                yield self._snapshot(opened)
            finally:
                opened.connection.execute("ROLLBACK")
        except (apsw.Error, StartupError) as error:
            raise ClientelaError("not-ready", f"{self.path.name} can't be read: {error}") from error

    def _snapshot(self, opened: _Opened) -> Snapshot:
        connection = opened.connection
        migrated = int(connection.pragma("user_version"))
        return Snapshot(
            connection,
            opened.source,
            levels=LEVELS if migrated > _WITHOUT_HOURS else (MINUTES,),
            has_blocks=migrated > _WITHOUT_BLOCKS,
            list_rows=LIST_ROWS,
            walk=connection.execute,
            tell_damage=self._tell_damage,
        )

    def _opened(self) -> _Opened | None:
        identity = self._identity()
        opened: _Opened | None = getattr(self._mine, "opened", None)
        if opened is not None and opened.identity != identity:
            self._drop(opened.connection)  # the file was removed or replaced
            opened = None
        if opened is None and identity is not None:
            opened = self._open(identity)
        self._mine.opened = opened
        return opened

    def _identity(self) -> _Identity | None:
        try:
            found = os.stat(self.path)  # noqa: PTH116 - a third of the time of Path.stat
        except FileNotFoundError:
            return None
        return (found.st_dev, found.st_ino) if found.st_size else None

    def _open(self, identity: _Identity) -> _Opened | None:
        if self._being_made():
            return None
        connection = open_database(
            self.path, application=APPLICATION, migrations=MIGRATIONS, read_only=True
        )
        self._keep(connection)
        return _Opened(connection, identity)

    def _being_made(self) -> bool:
        """Tell whether the file has no table yet: its facade is about to make them."""
        connection = apsw.Connection(str(self.path), flags=apsw.SQLITE_OPEN_READONLY)
        connection.set_busy_timeout(limits.SQLITE_BUSY_MS)  # its writer recovers it, maybe
        try:
            return not connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()[0][0]
        finally:
            connection.close()
