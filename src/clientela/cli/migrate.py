"""``clientela migrate``: a register moves from SQLite to PostgreSQL."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from clientela.cli.clear_errors import clear_errors
from clientela.cli.files import console, shown
from clientela.errors import StartupError
from clientela.server.migration import move
from clientela.storage.database import set_aside, sqlite_path
from clientela.storage.urls import PostgresUrl, database_of


def migrate(
    source: Annotated[str, typer.Option("--from", help="The register: sqlite:///file.db.")],
    target: Annotated[str, typer.Option("--to", help="An empty database: postgresql://….")],
) -> None:
    """Move a register from SQLite to PostgreSQL. Its server must be stopped.

    All of it arrives, checked by its digest, or nothing does. Facades go on where they are. The
    file gets another name, so that no server goes on with it by accident.
    """
    with clear_errors():
        file, database = sqlite_path(source), database_of(target)
        if not isinstance(database, PostgresUrl):
            raise StartupError("Name the target as postgresql://USER@HOST/DATABASE.")
        with shown() as progress:
            head = move(file, database, progress)
        kept = set_aside(file, "migrated", datetime.now(UTC))
        console.print(
            f"Moved {head.clients} clients at {head.position} to {database}: checked.",
            soft_wrap=True,
        )
        console.print(f"What was moved is kept as {kept}.", soft_wrap=True)
