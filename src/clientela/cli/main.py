"""``clientela``: one command line for every part."""

import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console

from clientela import __version__
from clientela.cli.backup import backup, restore
from clientela.cli.clear_errors import clear_errors
from clientela.cli.demo import fill
from clientela.cli.openapi import write_openapi
from clientela.cli.supervisor import Supervisor, parts_of
from clientela.cli.torture.command import torture
from clientela.client_facade.app import ClientFacade
from clientela.errors import StartupError
from clientela.log_facade.app import LogFacade
from clientela.server.app import Server
from clientela.storage.database import sqlite_path
from clientela.web.serving import serve
from clientela.web.write_requests import is_facade_name

app = typer.Typer(
    help="A company's register of clients, in one place and live everywhere it is used.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "CLIENTELA"},
)

Host = Annotated[str, typer.Option(help="Address to listen on.")]
AllowedHost = Annotated[
    list[str],
    typer.Option(help="A name other than loopback by which the service is called; repeatable."),
]


@app.command()
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


@app.command()
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
            server=_checked_url(server),
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


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number, brackets that don't match
        good = False
    if not good or parts.query or parts.fragment:
        raise StartupError(f"{url!r} is no address: write http://HOST:PORT.")
    return url


@app.command()
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


@app.command()
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


@app.command()
def demo(
    url: Annotated[str, typer.Option(help="A facade's address.")] = "http://127.0.0.1:8001",
    clients: Annotated[int, typer.Option(min=1, max=1_000_000, help="Clients to add.")] = 1_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same clients.")] = 1,
) -> None:
    """Fill a running system with believable clients and some traffic."""
    with clear_errors():
        fill(_checked_url(url), clients, seed)


app.command()(backup)
app.command()(restore)
app.command()(torture)


@app.command(hidden=True)
def openapi(
    out: Annotated[Path, typer.Argument(help="Folder for the files.")] = Path("docs/openapi"),
) -> None:
    """Write the OpenAPI file of each service; a change of a route shows in them."""
    with clear_errors():
        write_openapi(out)


@app.callback(invoke_without_command=True)
def main(
    version: Annotated[
        bool, typer.Option("--version", help="Tell the version and stop.", is_eager=True)
    ] = False,
) -> None:
    """Take the options that belong to no command."""
    if version:
        Console().print(f"clientela {__version__}")
        raise typer.Exit
