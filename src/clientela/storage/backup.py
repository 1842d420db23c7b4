"""Whole copies of a database file: taken while it is in use, checked, put in place at once.

A file that bears its final name is complete, checked and on disk: until then it has another name
beside it, and whatever fails leaves nothing behind.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import apsw

from clientela import limits
from clientela.errors import StartupError
from clientela.storage.database import Application, OwnerLock, files_of, open_database, set_aside

# What is under way, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]


def _nothing(_connection: apsw.Connection, _progress: Progress) -> Iterator[str]:
    return iter(())


class Kind(NamedTuple):
    """A kind of file: how it is told, how many migrations it has, what must agree in it.

    ``check`` gives what is wrong; ``details`` all that is wrong in single rows, which takes longer
    and is for people who want to know. ``heals``: the program that owns it puts that right by
    itself, so it is told and no reason to refuse the file.
    """

    application: Application
    migrations: tuple[str, ...]
    check: Callable[[apsw.Connection, Progress], str | None]
    heals: bool = False
    details: Callable[[apsw.Connection, Progress], Iterator[str]] = _nothing


Prepare = Callable[[apsw.Connection], None]


def back_up(source: Path, out: Path, kind: Kind, *, force: bool, progress: Progress) -> str | None:
    """Copy a file as it is at this moment, while its owner goes on writing.

    Gives what is wrong in a file that heals. Raises StartupError.
    """
    if out.exists() and not force:
        raise StartupError(f"{out} exists already: choose another name, or give --force.")
    if out.exists() and source.exists() and out.samefile(source):
        raise StartupError(f"{out} is the database itself: choose another name.")
    with _finished_beside(out) as partial:
        _copy(source, partial, kind, progress)
        finding = verify(partial, kind, progress, told_as=source)
        _replace(partial, out)
    return finding


def restore(
    backup: Path,
    target: Path,
    kind: Kind,
    *,
    force: bool,
    now: datetime,
    prepare: Prepare | None = None,
    progress: Progress,
) -> Path | None:
    """Put a checked copy of a backup in the place of ``target``, which nobody may have open.

    What was there is kept beside it under the name given back. ``prepare`` changes the copy before
    it takes its place. Raises StartupError.
    """
    verify(backup, kind, progress)
    with OwnerLock(target):
        if files_of(target) and not force:
            raise StartupError(
                f"{target} exists already: give --force to put the backup in its place; "
                "what is there will be kept beside it."
            )
        with _finished_beside(target) as partial:
            _copy(backup, partial, kind, progress)
            if prepare is not None:
                _change(partial, prepare)
            verify(partial, kind, progress, told_as=backup)
            kept = _move_aside(target, now)
            _replace(partial, target)
    return kept


def verify(
    path: Path, kind: Kind, progress: Progress, *, told_as: Path | None = None
) -> str | None:
    """Check a file; gives what is wrong in one that heals, raises StartupError otherwise.

    Errors call the file ``told_as``.
    """
    named = told_as or path
    connection = opened(path, kind)
    try:
        progress("Checking", 0, 1)
        finding = _damage(connection)
        if finding is None:
            finding = kind.check(connection, progress)
            if finding is None or kind.heals:
                return finding
    except apsw.Error as error:
        finding = str(error)
    finally:
        connection.close()
    raise StartupError(f"{named} is not sound: {finding}. Nothing was changed.")


def _damage(connection: apsw.Connection) -> str | None:
    """Tell how a file is damaged; None when it is sound."""
    try:
        finding = connection.execute("PRAGMA quick_check(1)").fetchone()
    except apsw.Error as error:
        return f"damaged: {error}"
    return None if finding == ("ok",) else f"damaged: {finding and finding[0]}"


def opened(path: Path, kind: Kind) -> apsw.Connection:
    """Open a file of a kind for reading; raises StartupError when it is none."""
    if not path.is_file() or not path.stat().st_size:
        raise StartupError(f"{path} is not there, or empty.")
    return open_database(
        path, application=kind.application, migrations=kind.migrations, read_only=True
    )


@contextmanager
def _finished_beside(final: Path) -> Iterator[Path]:
    """Give a name to work under; a file that still has it at the end goes."""
    partial = final.with_name(f".{final.name}.partial-{os.getpid()}")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        yield partial
    except (OSError, apsw.Error) as error:
        raise StartupError(
            f"{final} could not be written: {error}. Nothing was changed."
        ) from error
    finally:
        for leftover in files_of(partial, "-journal"):
            leftover.unlink(missing_ok=True)


def _copy(source: Path, target: Path, kind: Kind, progress: Progress) -> None:
    """Copy in steps, all from one moment: the reader's transaction, which holds up no writer."""
    reading = opened(source, kind)
    writing = apsw.Connection(str(target))
    try:
        writing.execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF").fetchall()
        # Without it the copy would begin again at every write of the owner.
        reading.execute("BEGIN; SELECT count(*) FROM sqlite_schema").fetchall()
        with writing.backup("main", reading, "main") as backup:
            while not backup.done:
                backup.step(limits.BACKUP_STEP_PAGES)
                done = backup.page_count - backup.remaining
                progress("Copying", done, backup.page_count)
    finally:
        writing.close()
        reading.close()
    _change(target, lambda _: None)


def _change(path: Path, work: Prepare) -> None:
    """Change a copy in one transaction; it is one file without a journal afterwards, on disk."""
    connection = apsw.Connection(str(path))
    try:
        connection.execute("PRAGMA journal_mode=DELETE").fetchall()
        with connection:
            work(connection)
    finally:
        connection.close()
    _sync(path)


def _replace(partial: Path, final: Path) -> None:
    _sync(partial)
    partial.replace(final)
    _sync(final.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _move_aside(target: Path, now: datetime) -> Path | None:
    """Keep what is in the way under another name, its journal with it."""
    if not files_of(target):
        return None
    _fold_journal(target)
    return set_aside(target, "before-restore", now)


def _fold_journal(path: Path) -> None:
    """Make one file of a database and its journal; one that is damaged stays as it is."""
    if not path.exists():
        return
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    except apsw.Error:
        return
    try:
        connection.execute("PRAGMA journal_mode=DELETE").fetchall()
    except apsw.Error:
        return
    finally:
        connection.close()
