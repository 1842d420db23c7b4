"""Options that several commands have, and what is checked of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from clientela.errors import StartupError
from clientela.web.tokens import id_of

Host = Annotated[str, typer.Option(help="Address to listen on.")]
AllowedHost = Annotated[
    list[str],
    typer.Option(help="A name other than loopback by which the service is called; repeatable."),
]
TlsCertificate = Annotated[
    Path | None, typer.Option(help="Serve https: a PEM certificate, its chain below it.")
]
TlsKey = Annotated[Path | None, typer.Option(help="The certificate's PEM key.")]
TrustedProxy = Annotated[
    list[str],
    typer.Option(
        help="Address or network of a proxy whose X-Forwarded-For and -Proto are believed; "
        "repeatable."
    ),
]
Guarded = Annotated[
    bool,
    typer.Option("--guarded", help="Ask everyone for a token on loopback, too, as behind a proxy."),
]
RequestsPerS = Annotated[
    int, typer.Option(min=1, max=1_000_000, help="Requests a second that one token may make.")
]
Token = Annotated[
    str | None,
    typer.Option(
        envvar="CLIENTELA_TOKEN",
        show_envvar=True,
        help="The token to show; others on this machine may see it here: see --token-file.",
    ),
]
TokenFile = Annotated[Path | None, typer.Option(help="A file that holds the token.")]


def token_of(token: str | None, file: Path | None) -> str | None:
    """Give the token that was given by either way; raises StartupError for what is none."""
    if file is not None:
        try:
            token = file.read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise StartupError(f"{file} can't be read: {error}.") from error
    if token is not None and id_of(token) is None:
        raise StartupError("This is no token, or it was cut off: clientela token add makes one.")
    return token


def checked_urls(given: Sequence[str]) -> list[str]:
    """Give the addresses of servers, each option one or more; raises StartupError."""
    return [checked_url(url.strip()) for urls in given for url in urls.split(",")]


def checked_url(url: str, *, query: bool = False) -> str:
    """Give a server's address as it is, ``query`` allowed; raises StartupError for what is none."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number, brackets that don't match
        good = False
    if not good or (parts.query and not query) or parts.fragment:
        raise StartupError(f"{url!r} is no address: write http://HOST:PORT or https://HOST:PORT.")
    return url
