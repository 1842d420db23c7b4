"""Options that several commands have, and what is checked of them."""

from typing import Annotated
from urllib.parse import urlsplit

import typer

from clientela.errors import StartupError

Host = Annotated[str, typer.Option(help="Address to listen on.")]
AllowedHost = Annotated[
    list[str],
    typer.Option(help="A name other than loopback by which the service is called; repeatable."),
]


def checked_url(url: str) -> str:
    """Give a server's address as it is; raises StartupError for what is none."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number, brackets that don't match
        good = False
    if not good or parts.query or parts.fragment:
        raise StartupError(f"{url!r} is no address: write http://HOST:PORT.")
    return url
