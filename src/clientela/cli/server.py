"""``clientela server``: the authority."""

from typing import Annotated

import typer

from clientela.cli.clear_errors import clear_errors
from clientela.cli.options import AllowedHost, Host
from clientela.server.app import Server
from clientela.storage.database import sqlite_path
from clientela.web.serving import serve


def server(
    db: Annotated[
        str, typer.Option(help="The register: sqlite:///file.db.")
    ] = "sqlite:///data/register.db",
    log_db: Annotated[
        str | None,
        typer.Option(help="The Log DB, when not beside the register: sqlite:///file.db."),
    ] = None,
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8000,
    allowed_host: AllowedHost = [],  # noqa: B006 - typer copies it
) -> None:
    """Run the authority: the one register that every facade is kept in step with."""
    with clear_errors():
        register = sqlite_path(db)
        logs = sqlite_path(log_db) if log_db else register.with_name("logs.db")
        authority = Server(register, log_database=logs, hosts=allowed_host)
        serve(authority.app, host=host, port=port, on_stop=authority.stop_live_answers)
