"""A Log DB that was damaged or removed is begun anew: service is worth more than its latencies."""

import logging
import os
from datetime import UTC, datetime
from pathlib import Path

from clientela.log_facade.migrations import APPLICATION
from clientela.log_facade.store import LogStore, open_store
from clientela.storage.database import DamagedFileError, set_aside

_log = logging.getLogger(__name__)

_SQLITE = b"SQLite format 3\0"
_APPLICATION_ID = slice(68, 72)  # https://www.sqlite.org/fileformat.html#the_database_header


class HealingFile:
    """The file of a Log DB, as its writer opens it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: tuple[int, int] | None = None

    def open(self) -> LogStore:
        """Open it, or make it; one of ours that is damaged is set aside first.

        Raises StartupError when it is another program's, or can't be used.
        """
        try:
            store = open_store(self._path)
        except DamagedFileError:
            if not self._is_ours():
                raise
            kept = set_aside(self._path, "damaged", datetime.now(UTC))
            _log.error(
                "%s was damaged: it is kept as %s, a new one is begun", self._path, kept.name
            )
            store = open_store(self._path)
        self._opened = self._identity()
        return store

    def is_gone(self) -> bool:
        """Tell whether the opened file was removed or replaced: what is written to it is lost."""
        return self._identity() != self._opened

    def _is_ours(self) -> bool:
        """Tell whether we wrote it, as far as its damage lets us know."""
        with self._path.open("rb") as file:
            header = file.read(_APPLICATION_ID.stop)
        whole = header.startswith(_SQLITE) and header[_APPLICATION_ID] == _id_bytes()
        return whole or self._opened is not None

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self._path)  # noqa: PTH116 - a third of the time of Path.stat
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino


def _id_bytes() -> bytes:
    return APPLICATION.id.to_bytes(4, "big")
