"""What the commands about files share: which one is meant, and how far the work has come."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TaskID

from clientela.client_facade.backup import KIND as REPLICA
from clientela.errors import StartupError
from clientela.server.backup import KIND as REGISTER
from clientela.storage.backup import Kind
from clientela.storage.backup import Progress as Told
from clientela.storage.database import sqlite_path

console = Console(highlight=False)

Db = Annotated[str | None, typer.Option(help="The register: sqlite:///file.db.")]
Data = Annotated[Path | None, typer.Option(help="A facade's data folder.")]


def chosen(db: str | None, data: Path | None) -> tuple[Path, Kind]:
    """Give the file that is meant, and its kind; raises StartupError unless one is named."""
    if db is not None and data is None:
        return sqlite_path(db), REGISTER
    if data is not None and db is None:
        return data / "clients.db", REPLICA
    raise StartupError("Name one: --db for a register, or --data for a facade's folder.")


@contextmanager
def shown() -> Iterator[Told]:
    """Show how far the work has come, where there is someone to see it."""
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def told(title: str, done: int, of: int) -> None:
            if title not in tasks:
                tasks[title] = bars.add_task(title)
            bars.update(tasks[title], completed=done, total=max(of, 1))

        yield told
