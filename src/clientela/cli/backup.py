"""``clientela backup`` and ``clientela restore``: of a register, and of a facade's data folder."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import apsw
import typer

from clientela.cli.clear_errors import clear_errors
from clientela.cli.files import Data, Db, chosen, console, shown
from clientela.errors import StartupError
from clientela.log_facade.backup import KIND as LOG
from clientela.server.backup import KIND as REGISTER
from clientela.server.backup import begin_epoch, erase_again, known_erasures
from clientela.storage import backup as files
from clientela.storage.backup import Kind, Prepare
from clientela.storage.erasures import Erasure


def backup(
    out: Annotated[Path, typer.Option(help="The file to write.")],
    db: Db = None,
    data: Data = None,
    logs_out: Annotated[
        Path | None, typer.Option(help="With --data: write logs.db to this file, too.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
) -> None:
    """Back up a register, or a facade's clients with the writes that wait; both may be running."""
    with clear_errors(), _interruptible():
        source, kind = chosen(db, data)
        logs = _logs_of(data, logs_out, "--logs-out")
        _back_up(source, out, kind, force=force)
        if logs and logs_out:
            _back_up(logs, logs_out, LOG, force=force)


def restore(
    source: Annotated[Path, typer.Option("--from", help="The backup.")],
    db: Db = None,
    data: Data = None,
    logs_from: Annotated[
        Path | None, typer.Option(help="With --data: the backup of logs.db.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Put it in the place of what is there, which is kept.")
    ] = False,
) -> None:
    """Put a backup back. The server, or the facade, must be stopped.

    A register begins a new epoch: facades that are ahead of the backup notice, come back in step
    by themselves, and list the changes that the register no longer has.
    """
    with clear_errors(), _interruptible():
        target, kind = chosen(db, data)
        logs = _logs_of(data, logs_from, "--logs-from")
        now = datetime.now(UTC)
        erased = _erased_in(target) if kind is REGISTER and target.exists() else []

        def prepare(connection: apsw.Connection) -> None:
            begin_epoch(connection, now)
            again = erase_again(connection, erased, now)
            if again:
                console.print(f"Erased again: {again} of the clients that were erased here.")

        _restore(source, target, kind, now, prepare if kind is REGISTER else None, force=force)
        if logs and logs_from:
            _restore(logs_from, logs, LOG, now, None, force=force)


def _erased_in(register: Path) -> list[Erasure]:
    """Give who was erased in the register that is replaced, so that a backup brings nobody back."""
    try:
        return known_erasures(register)
    except StartupError as error:
        console.print(f"[yellow]Who was erased since the backup is not known:[/] {error}")
        console.print("Erase them again: see docs/personal-data.md.")
        return []


def _logs_of(data: Path | None, other: Path | None, option: str) -> Path | None:
    if other is None:
        return None
    if data is None:
        raise StartupError(f"{option} goes with --data: a register has no log of latency.")
    return data / "logs.db"


def _back_up(source: Path, out: Path, kind: Kind, *, force: bool) -> None:
    began = time.monotonic()
    with shown() as progress:
        finding = files.back_up(source, out, kind, force=force, progress=progress)
    size, took_s = out.stat().st_size, time.monotonic() - began
    console.print(f"Backed up {source} to {out} ({_size(size)}, {took_s:.1f} s): checked.")
    if finding:
        console.print(f"[yellow]Note:[/] {finding}; its facade will put that right.")


def _restore(
    source: Path, target: Path, kind: Kind, now: datetime, prepare: Prepare | None, *, force: bool
) -> None:
    with shown() as progress:
        kept = files.restore(
            source, target, kind, force=force, now=now, prepare=prepare, progress=progress
        )
    console.print(f"Restored {target} from {source}.", soft_wrap=True)
    if kept is not None:
        console.print(f"What was there is kept as {kept}.", soft_wrap=True)


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1_000_000:,.1f} MB"


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let SIGTERM end the work as Ctrl-C does: nothing half-done stays behind."""
    before: Callable[..., object] | int | None = signal.signal(signal.SIGTERM, _interrupted)
    try:
        yield
    except KeyboardInterrupt:
        raise StartupError("Interrupted: nothing was changed.") from None
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupted(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
