"""``clientela logs``: a log facade of its own."""

from typing import Annotated

import typer

from clientela.cli.clear_errors import clear_errors
from clientela.cli.options import AllowedHost, Host
from clientela.log_facade.app import LogFacade
from clientela.storage.database import sqlite_path
from clientela.web.serving import serve


def logs(
    db: Annotated[list[str], typer.Option(help="A Log DB: sqlite:///file.db; repeatable.")],
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8003,
    allowed_host: AllowedHost = [],  # noqa: B006 - typer copies it
) -> None:
    """Run a log facade of its own, over the logs of this machine's server and facades."""
    with clear_errors():
        service = LogFacade([sqlite_path(url) for url in db], hosts=allowed_host)
        serve(service.app, host=host, port=port, on_stop=service.stop_live_answers)
