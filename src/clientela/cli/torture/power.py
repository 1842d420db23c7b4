"""Power cuts: what SQLite had not synced when the power went is torn from its WAL.

What may be lost is exactly what no answer rested on. The server syncs every commit, so only bytes
after its last commit are torn. A facade syncs what answers rest on (its outbox) and leaves its
replica to the system: there, the last commits go, too, as far back as the outbox stays the same and
no checkpoint (which syncs) has passed. Format: https://www.sqlite.org/walformat.html
"""

import random
import shutil
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

_WAL_HEADER_BYTES = 32
_FRAME_HEADER_BYTES = 24
_LARGEST_PAGE_BYTES = 65_536  # written as 1 in 16 bits
_SHM_INDEX_BYTES = 136
_COMMITS_LOST_MAX = 40

_OUTBOX = "SELECT * FROM outbox ORDER BY seq"


class _Index(NamedTuple):
    """What the WAL's index says: the last committed frame, and how far it was checkpointed."""

    page_bytes: int
    frames: int
    checkpointed: int

    def offset(self, frame: int) -> int:
        """Give where the bytes after a frame begin."""
        return _WAL_HEADER_BYTES + frame * (_FRAME_HEADER_BYTES + self.page_bytes)


def tear(database: Path, chance: random.Random, *, replica: bool) -> int:
    """Tear the WAL of a database whose process was killed; gives the commits that went."""
    wal = database.with_name(database.name + "-wal")
    index = _index(database.with_name(database.name + "-shm"))
    if index is None or not wal.exists() or wal.stat().st_size < index.offset(index.frames):
        return 0
    commits = [index.frames]
    if replica:
        commits = list(_commits_that_may_go(database, wal, index))
    keep = chance.choice(commits)
    with wal.open("r+b") as file:
        frame = _FRAME_HEADER_BYTES + index.page_bytes
        file.seek(index.offset(keep))
        torn = bytearray(file.read(frame)) or bytearray(chance.randbytes(frame))
        # A part of the page reached the disk, the rest is what was there before, or nothing.
        begin = chance.randrange(_FRAME_HEADER_BYTES, len(torn)) if len(torn) >= frame else 0
        torn[begin:] = chance.randbytes(len(torn) - begin)
        file.truncate(index.offset(keep))
        file.seek(index.offset(keep))
        file.write(torn[: chance.randrange(1, len(torn) + 1)])
    return commits.index(keep)


def _index(shm: Path) -> _Index | None:
    if not shm.exists() or shm.stat().st_size < _SHM_INDEX_BYTES:
        return None
    header = shm.read_bytes()[:_SHM_INDEX_BYTES]
    page_bytes, frames = struct.unpack_from("=HI", header, 14)
    (checkpointed,) = struct.unpack_from("=I", header, 96)
    return _Index(_LARGEST_PAGE_BYTES if page_bytes == 1 else page_bytes, frames, checkpointed)


def _commits_that_may_go(database: Path, wal: Path, index: _Index) -> Iterator[int]:
    """Give the last committed frames, newest first, down to which the outbox is the same."""
    yield index.frames
    ends = _commit_frames(wal, index)[:-1]
    with TemporaryDirectory(prefix="clientela-torture-") as folder:
        now = _outbox(database, wal, index.offset(index.frames), Path(folder))
        for frame in reversed(ends[-_COMMITS_LOST_MAX:]):
            if frame < index.checkpointed:
                return
            if now is None or _outbox(database, wal, index.offset(frame), Path(folder)) != now:
                return
            yield frame


def _commit_frames(wal: Path, index: _Index) -> list[int]:
    ends = []
    with wal.open("rb") as file:
        for frame in range(index.frames):
            file.seek(index.offset(frame))
            (pages_after_commit,) = struct.unpack_from(">4xI", file.read(8))
            if pages_after_commit:
                ends.append(frame + 1)
    return ends


def _outbox(database: Path, wal: Path, wal_bytes: int, folder: Path) -> list[object] | None:
    """Read the outbox as it would be had the WAL ended there."""
    copy = folder / "copy.db"
    for old in folder.iterdir():
        old.unlink()
    shutil.copyfile(database, copy)
    (folder / "copy.db-wal").write_bytes(wal.read_bytes()[:wal_bytes])
    try:
        with closing(sqlite3.connect(copy)) as connection:
            return connection.execute(_OUTBOX).fetchall()
    except sqlite3.DatabaseError:
        return None
