"""``clientela facade``: a branch."""

from pathlib import Path
from typing import Annotated

import typer

from clientela.cli.clear_errors import clear_errors
from clientela.cli.options import AllowedHost, Host, checked_url
from clientela.client_facade.app import ClientFacade
from clientela.errors import StartupError
from clientela.storage.database import sqlite_path
from clientela.web.serving import serve
from clientela.web.write_requests import is_facade_name


def facade(
    server: Annotated[
        str, typer.Option(help="The server's address, like http://127.0.0.1:8000.")
    ] = "http://127.0.0.1:8000",
    data: Annotated[Path, typer.Option(help="Folder for clients.db and logs.db.")] = Path(
        "data/facade"
    ),
    name: Annotated[str, typer.Option(help="This branch's name.")] = "matriz",
    log_db: Annotated[
        str | None, typer.Option(help="The Log DB, when not in the data folder: sqlite:///file.db.")
    ] = None,
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8001,
    allowed_host: AllowedHost = [],  # noqa: B006 - typer copies it
) -> None:
    """Run a branch: client facade, log facade and frontend."""
    with clear_errors():
        if not is_facade_name(name):
            raise StartupError(f"{name!r} can't name a facade: use letters, digits, dots, dashes.")
        branch = ClientFacade(
            name=name,
            server=checked_url(server),
            database=data / "clients.db",
            log_database=sqlite_path(log_db) if log_db else data / "logs.db",
            hosts=allowed_host,
        )
        serve(
            branch.app,
            host=host,
            port=port,
            on_stop=branch.stop_live_answers,
            fast=branch.fast,
        )
