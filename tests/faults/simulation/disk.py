"""A disk that can lose power: what was not yet synced is then there, or partly, or not at all."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import apsw

_PAGE_BYTES = 4096
_FRAME_BYTES = _PAGE_BYTES + 24
_HEADER_BYTES = 32
_CHECKPOINT_PAGES = 300
_FULL = 2


class Disk:
    """One database in WAL mode; ``path`` changes when power is lost."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._lives = 0
        self._pages = self._durable_pages = 0
        self._on_commit: Callable[[], None] | None = None
        self.path = self._place()

    def _place(self) -> Path:
        return self._folder / f"{self._name}-{self._lives}" / "data.db"

    def watch(
        self, connection: apsw.Connection, on_commit: Callable[[], None] | None = None
    ) -> None:
        """Follow what is synced from here on; ``on_commit`` is called after each transaction."""
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        self._pages = self._durable_pages = 0
        self._on_commit = on_commit
        connection.set_wal_hook(self._committed)

    def _committed(self, connection: apsw.Connection, _name: str, pages: int) -> int:
        if pages <= self._pages:
            self._durable_pages = 0  # the journal begins anew: its past is in the database
        self._pages = pages
        if connection.pragma("synchronous") >= _FULL:
            self._durable_pages = pages
        if pages > _CHECKPOINT_PAGES:
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            self._durable_pages = pages
        if self._on_commit is not None:
            self._on_commit()
        return apsw.SQLITE_OK

    def lose_power(self, chance: random.Random) -> None:
        """Go on with what is on disk for sure, and some of what may be, its end torn."""
        before = self.path
        self._lives += 1
        self.path = self._place()
        self.path.parent.mkdir(parents=True)
        shutil.copyfile(before, self.path)
        journal = before.with_name(before.name + "-wal")
        kept = chance.randint(self._durable_pages, self._pages)
        torn = chance.randrange(_FRAME_BYTES) if kept < self._pages else 0
        if journal.exists():
            whole = journal.read_bytes()
            end = _HEADER_BYTES + kept * _FRAME_BYTES + torn
            self.path.with_name(journal.name).write_bytes(whole[:end])
