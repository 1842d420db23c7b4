"""``clientela facade``: a branch."""

from pathlib import Path
from typing import Annotated

import typer

from clientela import limits
from clientela.cli.clear_errors import clear_errors
from clientela.cli.options import (
    AllowedHost,
    Host,
    RequestsPerS,
    TlsCertificate,
    TlsKey,
    Token,
    TokenFile,
    TrustedProxy,
    checked_urls,
    token_of,
)
from clientela.client_facade.app import ClientFacade
from clientela.errors import StartupError
from clientela.storage.urls import database_of
from clientela.web.admission import Admission
from clientela.web.guards import is_loopback
from clientela.web.serving import serve
from clientela.web.transport import transport, trust
from clientela.web.write_requests import is_facade_name


def facade(
    server: Annotated[
        list[str],
        typer.Option(
            help="The server's address, like http://127.0.0.1:8000; repeatable, or with commas "
            "between: the next one is taken when one is away."
        ),
    ] = ["http://127.0.0.1:8000"],  # noqa: B006 - typer copies it
    server_ca: Annotated[
        Path | None,
        typer.Option(help="Verify an https server by this PEM authority, not by the system's."),
    ] = None,
    data: Annotated[Path, typer.Option(help="Folder for clients.db and logs.db.")] = Path(
        "data/facade"
    ),
    name: Annotated[str, typer.Option(help="This branch's name.")] = "matriz",
    log_db: Annotated[
        str | None,
        typer.Option(
            help="The Log DB, when not in the data folder: sqlite:///file.db or postgresql://…."
        ),
    ] = None,
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8001,
    allowed_host: AllowedHost = [],  # noqa: B006 - typer copies it
    token: Token = None,
    token_file: TokenFile = None,
    token_requests_per_s: RequestsPerS = limits.TOKEN_REQUESTS_PER_S,
    tls_certificate: TlsCertificate = None,
    tls_key: TlsKey = None,
    trusted_proxy: TrustedProxy = [],  # noqa: B006 - typer copies it
) -> None:
    """Run a branch: client facade, log facade and frontend.

    With a token, which it shows the server, it asks everyone who comes for one, too.
    """
    with clear_errors():
        reached = transport(tls_certificate, tls_key, trusted_proxy)
        if not is_facade_name(name):
            raise StartupError(f"{name!r} can't name a facade: use letters, digits, dots, dashes.")
        own = token_of(token, token_file)
        if own is None and not is_loopback(host):
            raise StartupError(
                f"On {host} a facade needs a token of its own. Make one where the register is, and "
                f"give it by --token-file: clientela token add --role facade --name {name} --db URL"
            )
        branch = ClientFacade(
            name=name,
            servers=checked_urls(server),
            server_trust=trust(server_ca) if server_ca else None,
            database=data / "clients.db",
            log_database=database_of(log_db) if log_db else data / "logs.db",
            hosts=allowed_host,
            token=own,
            admission=Admission(token_requests_per_s) if own else None,
        )
        serve(
            branch.app,
            host=host,
            port=port,
            on_stop=branch.stop_live_answers,
            fast=branch.fast,
            transport=reached,
        )
