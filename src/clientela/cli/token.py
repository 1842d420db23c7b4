"""``clientela token``: who may come in; works while the server runs, and before its first start."""

import re
import time
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from clientela import limits
from clientela.cli.clear_errors import clear_errors
from clientela.errors import ClientelaError, StartupError
from clientela.server.tokens import NewToken, change_tokens, told
from clientela.server.tokens import add as add_token
from clientela.server.tokens import revoke as revoke_token
from clientela.storage.tokens import StoredToken, TokenTable
from clientela.storage.urls import database_of
from clientela.web.access import Role

token = typer.Typer(
    help="Make, list and revoke the tokens by which people and facades come in.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_console = Console(highlight=False)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}

Db = Annotated[str, typer.Option(help="The register: sqlite:///file.db.")]
_REGISTER = "sqlite:///data/register.db"


@token.command()
def add(
    role: Annotated[Role, typer.Option(help="What it is for.")],
    name: Annotated[str, typer.Option(help="Whose it is; of a facade, the facade's own name.")],
    db: Db = _REGISTER,
    expires: Annotated[
        str | None, typer.Option(help="After 90d, 12h or 30m; else when it is revoked.")
    ] = None,
) -> None:
    """Make a token, and show it this once."""
    with clear_errors():
        lasts_s = None if expires is None else _seconds(expires)
        asked = NewToken(role, name, lasts_s)
        try:
            text, _ = change_tokens(
                database_of(db), lambda table: add_token(table, asked, time.time())
            )
        except ClientelaError as error:
            raise StartupError(error.detail) from error
        print(text)  # noqa: T201 - alone on its line, for programs


@token.command("list")
def list_tokens(db: Db = _REGISTER) -> None:
    """List every token there ever was, without its text: that is not kept."""
    with clear_errors():
        found = change_tokens(database_of(db), TokenTable.all)
        table = Table("id", "name", "role", "made", "state", box=None, pad_edge=False)
        for stored in found:
            table.add_row(*_row(stored))
        _console.print(table)


@token.command()
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="Its id, from the list.")],
    db: Db = _REGISTER,
) -> None:
    """Let a token be of no use: at the server within 2 s, at facades when they hear of it."""
    with clear_errors():
        try:
            change_tokens(database_of(db), lambda table: revoke_token(table, token_id, time.time()))
        except ClientelaError as error:
            raise StartupError(error.detail) from error
        _console.print(f"{token_id} is revoked.")


def _row(stored: StoredToken) -> tuple[str, str, str, str, str]:
    shown = told(stored)
    state = "lives"
    if shown.revoked_at:
        state = f"revoked {_minute(shown.revoked_at)}"
    elif shown.expires_at:
        lives = stored.lives(time.time())
        state = f"{'lives until' if lives else 'expired'} {_minute(shown.expires_at)}"
    return shown.id, shown.name, shown.role, _minute(shown.created_at), state


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ") + " UTC"


def _seconds(text: str) -> int:
    found = re.fullmatch(r"([1-9][0-9]{0,5})([mhd])", text)
    if found is None:
        raise StartupError(f"{text!r} is no time: write 90d, 12h or 30m.")
    seconds = int(timedelta(**{_UNITS[found[2]]: int(found[1])}).total_seconds())
    if seconds > limits.TOKEN_LASTS_S_MAX:
        raise StartupError(f"{text} is too long: at most 3660d, or leave --expires out.")
    return seconds
