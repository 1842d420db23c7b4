"""One Log DB, read: by each thread on a connection of its own, while its facade writes it."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from clientela.errors import ClientelaError, StartupError
from clientela.log_facade.migrations import APPLICATION, MIGRATIONS
from clientela.storage.database import open_database

_SOURCE = "SELECT source FROM log"
_Identity = tuple[int, int]


class _Opened:
    """A connection, the number of the log that it reads, and which file that was."""

    def __init__(self, connection: apsw.Connection, identity: _Identity) -> None:
        self.connection = connection
        self.identity = identity
        self.source = int(next(iter(connection.execute(_SOURCE)))[0])


class LogFile:
    """A Log DB that may not exist yet: until it appears it is empty."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mine = threading.local()
        self._all: list[apsw.Connection] = []
        self._lock = threading.Lock()

    def check(self) -> None:
        """Look whether the file, if it is there, can be read; raises StartupError."""
        try:
            self._opened()
        except apsw.Error as error:
            raise StartupError(f"{self.path} can't be read: {error}") from error

    @contextmanager
    def snapshot(self) -> Iterator[tuple[apsw.Connection, int] | None]:
        """Give a connection that sees one moment, and the log's number; None while it is empty.

        Raises ClientelaError ``not-ready`` (503) when the file can't be read.
        """
        try:
            opened = self._opened()
            if opened is None:
                yield None
                return
            opened.connection.execute("BEGIN")
            try:
                yield opened.connection, opened.source
            finally:
                opened.connection.execute("ROLLBACK")
        except (apsw.Error, StartupError) as error:
            raise ClientelaError("not-ready", f"{self.path.name} can't be read: {error}") from error

    def _opened(self) -> _Opened | None:
        identity = self._identity()
        opened: _Opened | None = getattr(self._mine, "opened", None)
        if opened is not None and opened.identity != identity:
            self._forget(opened)  # the file was removed or replaced
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
        with self._lock:
            self._all.append(connection)
        return _Opened(connection, identity)

    def _being_made(self) -> bool:
        """Tell whether the file has no table yet: its facade is about to make them."""
        connection = apsw.Connection(str(self.path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            return not connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()[0][0]
        finally:
            connection.close()

    def _forget(self, opened: _Opened) -> None:
        with self._lock:
            self._all.remove(opened.connection)
        opened.connection.close()

    def interrupt(self) -> None:
        """End what threads are reading now; they get ClientelaError ``not-ready``."""
        with self._lock:
            for connection in self._all:
                connection.interrupt()

    def close(self) -> None:
        """Close every connection; call it when no thread reads any more."""
        with self._lock:
            for connection in self._all:
                connection.close()
            self._all.clear()
