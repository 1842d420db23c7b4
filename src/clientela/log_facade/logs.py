"""Log DBs by where they are: in files, and in PostgreSQL."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from clientela.log_facade.database import Snapshot
from clientela.log_facade.files import LogFile
from clientela.log_facade.healing import HealingFile
from clientela.log_facade.postgres import open_postgres
from clientela.log_facade.shared import SharedLog
from clientela.log_facade.store import LogStore
from clientela.storage.urls import PostgresUrl

LogDb = Path | PostgresUrl


class Log(Protocol):
    """A Log DB, read: by each thread on a connection of its own."""

    @property
    def damaged(self) -> int:
        """Say how many entries were met so far that can't be read."""

    def check(self) -> None:
        """Look whether it can be read; raises StartupError."""

    def snapshot(self) -> AbstractContextManager[Snapshot | None]:
        """Give the log at one moment; None while it is empty.

        Raises ClientelaError ``not-ready`` (503) when it can't be read.
        """

    def interrupt(self) -> None:
        """End what threads are reading now; they get ClientelaError ``not-ready``."""

    def close(self) -> None:
        """Close every connection; call it when no thread reads any more."""


class Writing(Protocol):
    """A Log DB, as its writer opens it."""

    def open(self) -> LogStore:
        """Open it, or make it; raises StartupError when it can't be used."""

    def is_gone(self) -> bool:
        """Tell whether the opened one was removed or replaced: what is written to it is lost."""


class _Shared:
    """One in PostgreSQL: who looks after that server looks after its files, too."""

    def __init__(self, url: PostgresUrl) -> None:
        self._url = url

    def open(self) -> LogStore:
        return LogStore(open_postgres(self._url))

    def is_gone(self) -> bool:
        return False


def reading(database: LogDb) -> Log:
    """Give a Log DB to be read; nothing is opened yet."""
    return SharedLog(database) if isinstance(database, PostgresUrl) else LogFile(database)


def writing(database: LogDb) -> Writing:
    """Give a Log DB to be written; nothing is opened yet."""
    return _Shared(database) if isinstance(database, PostgresUrl) else HealingFile(database)
