"""``clientela person``: what is held of a person, and its erasure. The server must be running."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import msgspec
import typer
from rich.console import Console

from clientela import limits
from clientela.cli.clear_errors import clear_errors
from clientela.cli.options import checked_url
from clientela.clients.ids import parse_client_id
from clientela.errors import ClientelaError, StartupError

person = typer.Typer(
    name="person",
    help="Export or erase all that is held of one person (LGPD, GDPR).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
_console = Console(highlight=False, soft_wrap=True)

_Id = Annotated[str, typer.Argument(metavar="ID", help="The client's id.")]
_Server = Annotated[str, typer.Option(help="The server's address.", envvar="CLIENTELA_SERVER_URL")]
_SERVER = "http://127.0.0.1:8000"
_Token = Annotated[
    str | None,
    typer.Option(help="An admin's token, where the server asks for one.", envvar="CLIENTELA_TOKEN"),
]


@person.command()
def export(
    client_id: _Id,
    server: _Server = _SERVER,
    token: _Token = None,
    out: Annotated[Path | None, typer.Option(help="A file to write; else it is printed.")] = None,
) -> None:
    """Give all that the server holds of a person, as JSON."""
    with clear_errors():
        found = _asked(server, "GET", f"/clients/{_id(client_id)}/export", token)
        shown = msgspec.json.format(found, indent=2)
        if out is None:
            print(shown.decode())  # noqa: T201 - alone, for programs
            return
        try:
            out.write_bytes(shown + b"\n")
        except OSError as error:
            raise StartupError(f"{out} could not be written: {error.strerror}.") from error
        _console.print(f"Written to {out}: it holds personal data.")


@person.command()
def erase(
    client_id: _Id,
    server: _Server = _SERVER,
    token: _Token = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Erase a person for good: at the server, and at every facade when it next comes by."""
    with clear_errors():
        key = _id(client_id)
        if not yes:
            told = f"Erase all that is held of {key}, for good? Nothing brings it back"
            if not typer.confirm(told):
                raise StartupError("Nothing was erased.")
        receipt: Any = msgspec.json.decode(_asked(server, "POST", f"/clients/{key}/erasure", token))
        _console.print(f"Erased {key} at {receipt['version']}.")
        _console.print("Backups from before still hold it: see docs/personal-data.md.")


def _id(text: str) -> str:
    try:
        return parse_client_id(text)
    except ClientelaError as error:
        raise StartupError(f"{text!r} is no id. {error.detail}") from error


def _asked(server: str, method: str, path: str, token: str | None) -> bytes:
    """Ask the server; raises StartupError with its own words for what it refuses."""
    try:
        return asyncio.run(_answer(checked_url(server).rstrip("/"), method, path, token))
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise StartupError(f"{server} does not answer ({error}). Is the server running?") from None


async def _answer(server: str, method: str, path: str, token: str | None) -> bytes:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    timeout = aiohttp.ClientTimeout(total=limits.SERVER_REPORT_S)
    async with (
        aiohttp.ClientSession(timeout=timeout, headers=headers) as session,
        session.request(method, server + path) as response,
    ):
        body = await response.read()
        if response.status == 200:  # noqa: PLR2004
            return body
        try:
            detail = msgspec.json.decode(body)["detail"]
        except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError):
            detail = f"it answered {response.status}"
        raise StartupError(f"{server} refused that: {detail}")
