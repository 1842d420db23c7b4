"""``clientela up``: everything on this machine."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from clientela.cli.clear_errors import clear_errors
from clientela.cli.options import AllowedHost, Host
from clientela.cli.supervisor import Supervisor, parts_of
from clientela.cli.up_tokens import make_tokens
from clientela.web.guards import is_loopback


def up(
    data: Annotated[Path, typer.Option(help="Folder for all databases.")] = Path("data"),
    host: Host = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=1, max=65_532, help="Port of the server; the next three follow.")
    ] = 8000,
    allowed_host: AllowedHost = [],  # noqa: B006 - typer copies it
) -> None:
    """Run everything on this machine: server, two branches, a log facade, the frontend.

    On an address that others reach it asks for tokens; at its first start it makes you one.
    """
    with clear_errors():
        folder, guarded = data.resolve(), not is_loopback(host)
        parts = parts_of(folder, host, port, allowed_host, guarded=guarded)
        supervisor = Supervisor(parts, folder)
        sys.exit(supervisor.run(before=partial(make_tokens, folder) if guarded else None))
