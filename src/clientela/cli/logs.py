"""``clientela logs``: a log facade of its own."""

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
    TrustedProxy,
)
from clientela.errors import StartupError
from clientela.log_facade.app import LogFacade
from clientela.storage.database import sqlite_path
from clientela.storage.urls import database_of
from clientela.web.admission import Admission
from clientela.web.guards import is_loopback
from clientela.web.serving import serve
from clientela.web.token_file import TokenFile
from clientela.web.transport import transport


def logs(
    db: Annotated[
        list[str],
        typer.Option(help="A Log DB: sqlite:///file.db or postgresql://…; repeatable."),
    ],
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8003,
    allowed_host: AllowedHost = [],  # noqa: B006 - typer copies it
    tokens: Annotated[
        str | None,
        typer.Option(
            help="Ask everyone for a token of this register, or facade's clients.db: "
            "sqlite:///file.db."
        ),
    ] = None,
    token_requests_per_s: RequestsPerS = limits.TOKEN_REQUESTS_PER_S,
    tls_certificate: TlsCertificate = None,
    tls_key: TlsKey = None,
    trusted_proxy: TrustedProxy = [],  # noqa: B006 - typer copies it
) -> None:
    """Run a log facade of its own, over the logs of server and facades."""
    with clear_errors():
        reached = transport(tls_certificate, tls_key, trusted_proxy)
        if tokens is None and not is_loopback(host):
            raise StartupError(
                f"On {host} everyone is asked for a token. Say by --tokens whose they are: that of "
                "a register, or of a facade's clients.db."
            )
        door = TokenFile(sqlite_path(tokens), Admission(token_requests_per_s)) if tokens else None
        service = LogFacade([database_of(url) for url in db], hosts=allowed_host, tokens=door)
        serve(
            service.app,
            host=host,
            port=port,
            on_stop=service.stop_live_answers,
            transport=reached,
        )
