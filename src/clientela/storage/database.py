"""Opening SQLite files safely: one owner, the right kind, undamaged, migrated.

Invariants of every file opened here: WAL journal; ``application_id`` says what kind of file it is;
``user_version`` is the number of migrations applied; a lock file beside it names the one owner.
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Self, TypeVar

import apsw

from clientela import limits
from clientela.errors import ClientelaError, StartupError
from clientela.storage.engine import Connection


@dataclass(frozen=True, slots=True)
class Application:
    """A kind of file: ``id`` is SQLite's application_id, ``name`` what people call it."""

    id: int
    name: str


class DamagedFileError(StartupError):
    """The file is no whole SQLite database."""


class InUseError(StartupError):
    """Another process has the file."""


class OwnerLock:
    """Holds a file for this process alone, until it is closed or the process dies."""

    def __init__(self, path: Path) -> None:
        """Make the folder, take the lock; raises StartupError when that is not possible."""
        _make_folder(path)
        try:
            self._file: IO[str] = path.with_name(path.name + ".lock").open("a+")
        except OSError as error:
            raise _unusable(path, error) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            owner = self._file.read().strip() or "another process"
            self._file.close()
            raise InUseError(
                f"{path} is in use by {owner}. Stop that process, or choose another data folder."
            ) from None
        self._file.truncate(0)
        self._file.write(f"process {os.getpid()}")
        self._file.flush()

    def close(self) -> None:
        """Give the file free."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: OSError) -> StartupError:
    return StartupError(
        f"{path} can't be used: {error.strerror} ({error.filename}). "
        "Choose another path, or change its permissions."
    )


def open_database(
    path: Path,
    *,
    application: Application,
    migrations: Sequence[str],
    read_only: bool = False,
) -> apsw.Connection:
    """Open a file of the given kind, create or migrate it; ``read_only`` only looks.

    Raises StartupError when the file is damaged (DamagedFileError), of another kind, or from a
    newer version; such a file is left as it is. The first opening of a process that writes should
    hold an ``OwnerLock``.
    """
    if not read_only:
        _make_folder(path)
    if path.exists() and path.stat().st_size > 0:
        _inspect(path, application, len(migrations), thorough=not read_only)
    flags = apsw.SQLITE_OPEN_READONLY if read_only else _READ_WRITE
    try:
        connection = apsw.Connection(str(path), flags=flags)
        _configured(connection, limits.SQLITE_CACHE_BYTES, read_only=read_only)
        if not read_only:
            migrate(connection, application, migrations)
    except apsw.Error as error:
        raise StartupError(f"{path} can't be opened: {error}. Check its permissions.") from error
    return connection


_Result = TypeVar("_Result")
_READ_WRITE = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE


def second_connection(
    path: Path, *, read_only: bool, cache_bytes: int = limits.SQLITE_CACHE_BYTES
) -> apsw.Connection:
    """Open another connection to a file that ``open_database`` has checked and migrated."""
    flags = apsw.SQLITE_OPEN_READONLY if read_only else apsw.SQLITE_OPEN_READWRITE
    return _configured(apsw.Connection(str(path), flags=flags), cache_bytes, read_only=read_only)


def _configured(
    connection: apsw.Connection, cache_bytes: int, *, read_only: bool
) -> apsw.Connection:
    connection.set_busy_timeout(limits.SQLITE_BUSY_MS)
    pragmas = [
        f"cache_size=-{cache_bytes // 1024}",
        "temp_store=MEMORY",
        "foreign_keys=ON",
        "trusted_schema=OFF",
    ]
    if not read_only:
        # FULL: a commit is on disk before anyone hears of it.
        pragmas = ["journal_mode=WAL", "synchronous=FULL", *pragmas]
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}").fetchall()
    return connection


def _inspect(path: Path, application: Application, known: int, *, thorough: bool) -> None:
    """Refuse what isn't ours before anything is written to it."""
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    except apsw.Error as error:
        raise StartupError(f"{path} can't be read: {error}. Check its permissions.") from error
    # Whoever opens a file first after a crash recovers its journal, and locks it meanwhile.
    connection.set_busy_timeout(limits.SQLITE_BUSY_MS)
    try:
        kind = connection.pragma("application_id")
        version = connection.pragma("user_version")
        if _is_empty(connection, kind, version):
            return  # its making was cut off before the first table
        if kind != application.id:
            raise StartupError(
                f"{path} is not {application.name}: it belongs to another program. "
                "It was left as it is; choose another path."
            )
        if version > known:
            raise StartupError(
                f"{path} was written by a newer Clientela. Install that version, or a newer one."
            )
        if thorough and path.stat().st_size <= limits.SQLITE_CHECK_BYTES_MAX:
            _check(path, connection)
    except apsw.BusyError as error:
        raise StartupError(
            f"{path} is held by another program ({error}): close that, and try again."
        ) from error
    except apsw.Error as error:
        raise DamagedFileError(_DAMAGED.format(path=path, error=error)) from error
    finally:
        connection.close()


def _is_empty(connection: apsw.Connection, kind: int, version: int) -> bool:
    found = connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()[0][0]
    return (kind, version, found) == (0, 0, 0)


_DAMAGED = (
    "{path} is damaged ({error}) and was left as it is. Restore it from a backup, "
    "or choose another data folder."
)


def _check(path: Path, connection: apsw.Connection) -> None:
    finding = connection.execute("PRAGMA quick_check(1)").fetchone()
    told = " ".join(str(finding[0]).split()) if finding else "no answer"  # it has several lines
    if told != "ok":
        raise DamagedFileError(_DAMAGED.format(path=path, error=told))


def migrate(
    connection: apsw.Connection, application: Application, migrations: Sequence[str]
) -> None:
    """Bring a file to the present form: each migration that it lacks, in a transaction."""
    for number, script in enumerate(migrations, start=1):
        if connection.pragma("user_version") >= number:
            continue
        with connection:
            connection.execute(script)
            connection.execute(f"PRAGMA application_id={application.id}")
            connection.execute(f"PRAGMA user_version={number}")


def transaction(connection: apsw.Connection, work: Callable[[], _Result]) -> _Result:
    """Run ``work`` in one transaction that is durable on return, or has left no trace.

    Raises ClientelaError ``disk-full`` (507) when there is no room.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work()
        connection.execute("COMMIT")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if isinstance(error, (apsw.FullError, apsw.IOError)):
            raise ClientelaError(
                "disk-full", "The disk is full: nothing was written. Free some space, try again."
            ) from error
        raise
    return result


def overwrite_deleted(connection: apsw.Connection) -> None:
    """Have what is deleted or replaced overwritten in the file, too: it holds personal data."""
    connection.execute("PRAGMA secure_delete = ON").fetchall()


def empty_journal(connection: apsw.Connection) -> bool:
    """Move all that was committed into the file, and leave nothing in its journal.

    False while a reader still needs the journal: then it is to be tried again.
    """
    connection.set_busy_timeout(0)  # what waits here holds up every write
    try:
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0][0]
    finally:
        connection.set_busy_timeout(limits.SQLITE_BUSY_MS)
    return not busy


@contextmanager
def snapshot(connection: Connection) -> Iterator[None]:
    """Let all reads of a block see one moment of the database, by a connection that only reads."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def files_of(path: Path, *more: str) -> list[Path]:
    """Give what there is of a database: the file first, then what belongs to it."""
    names = [path.name + suffix for suffix in ("", "-wal", "-shm", *more)]
    return [found for name in names if (found := path.with_name(name)).exists()]


def set_aside(path: Path, why: str, now: datetime) -> Path:
    """Give a database another name, its journal with it; ``why`` becomes a part of the name."""
    kept = path.with_name(f"{path.name}.{why}-{now:%Y%m%dT%H%M%S%fZ}")
    for file in files_of(path):
        file.rename(kept.with_name(kept.name + file.name.removeprefix(path.name)))
    return kept


def sqlite_path(url: str) -> Path:
    """Give the file that a database URL names, in SQLAlchemy's convention.

    ``sqlite:///relative.db`` or ``sqlite:////absolute.db``; raises StartupError for others.
    """
    prefix = "sqlite:///"
    if url.startswith("postgres"):
        raise StartupError(
            "This command is for files. What is in PostgreSQL is backed up by pg_dump, and put "
            "back by pg_restore: docs/operations.md says how."
        )
    if not url.startswith(prefix) or len(url) == len(prefix):
        raise StartupError(
            f"The database URL {url!r} is not understood: "
            "write sqlite:///relative.db or sqlite:////absolute.db."
        )
    return Path(url.removeprefix(prefix))
