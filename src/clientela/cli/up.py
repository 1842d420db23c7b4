"""``clientela up``: everything on this machine."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from clientela.cli.clear_errors import clear_errors
from clientela.cli.options import Host
from clientela.cli.supervisor import Supervisor, parts_of


def up(
    data: Annotated[Path, typer.Option(help="Folder for all databases.")] = Path("data"),
    host: Host = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=1, max=65_532, help="Port of the server; the next three follow.")
    ] = 8000,
) -> None:
    """Run everything on this machine: server, two branches, a log facade, the frontend."""
    with clear_errors():
        parts = parts_of(data.resolve(), host, port)
        sys.exit(Supervisor(parts, data.resolve()).run())
