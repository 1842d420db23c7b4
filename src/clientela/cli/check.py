"""``clientela check``: whether a register, or a facade's data, is what it should be."""

from pathlib import Path

import typer
from rich.markup import escape

from clientela import limits
from clientela.cli.clear_errors import clear_errors
from clientela.cli.files import Data, Db, chosen, console, shown
from clientela.log_facade.backup import KIND as LOG
from clientela.storage.backup import Kind
from clientela.storage.inspection import inspect


def check(db: Db = None, data: Data = None) -> None:
    """Look at every row of a register, or of a facade's data; it may be running.

    Nothing is changed. Exit code 0: all is sound; 1: something is wrong, and told line by line; 2:
    it could not be looked at.
    """
    with clear_errors():
        files = [chosen(db, data)]
        if data is not None and (data / "logs.db").exists():
            files.append((data / "logs.db", LOG))
        sound = [_sound(path, kind) for path, kind in files]
        raise typer.Exit(not all(sound))


def _sound(path: Path, kind: Kind) -> bool:
    with shown() as progress:
        findings = inspect(path, kind, progress)
    if not findings:
        console.print(f"{path}: sound.", soft_wrap=True)
        return True
    for finding in findings:
        console.print(f"{path}: {escape(finding)}.", soft_wrap=True)
    if len(findings) == limits.CHECK_FINDINGS_MAX:
        console.print("There may be more.")
    if kind.heals:
        console.print("Its facade puts the replica right by itself while it runs.")
    return False
