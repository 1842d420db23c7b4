"""Making and revoking tokens: at the command line beside a running server, and by its routes."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import apsw
import msgspec

from clientela import limits
from clientela.clients.times import rfc3339
from clientela.errors import ClientelaError, StartupError
from clientela.server.store import APPLICATION
from clientela.server.tables import MIGRATIONS
from clientela.storage.database import (
    InUseError,
    OwnerLock,
    open_database,
    second_connection,
    transaction,
)
from clientela.storage.tokens import StoredToken, TokenTable
from clientela.storage.urls import PostgresUrl
from clientela.web.access import Role
from clientela.web.tokens import mint

_Result = TypeVar("_Result")


class Token(msgspec.Struct):
    """A token as people are told of it."""

    id: str
    name: str
    role: Role
    created_at: str
    expires_at: str | None
    revoked_at: str | None


class NewToken(msgspec.Struct, forbid_unknown_fields=True):
    """What a token is to be: without ``lasts_s`` it lasts until it is revoked."""

    role: Role
    name: str
    lasts_s: Annotated[int, msgspec.Meta(gt=0, le=limits.TOKEN_LASTS_S_MAX)] | None = None


class MadeToken(Token):
    """A token that was just made: its text is told this once."""

    token: str


def told(stored: StoredToken) -> Token:
    """Give what people are told of a token."""
    return Token(
        id=stored.id,
        name=stored.name,
        role=Role(stored.role),
        created_at=_time(stored.created_s),
        expires_at=None if stored.expires_s is None else _time(stored.expires_s),
        revoked_at=None if stored.revoked_s is None else _time(stored.revoked_s),
    )


def add(table: TokenTable, asked: NewToken, now_s: float) -> tuple[str, StoredToken]:
    """Make a token and keep what is needed of it; gives its text.

    Raises ClientelaError ``invalid``; ``overloaded`` when there are too many.
    """
    if len(table.living(now_s)) >= limits.TOKENS_MAX:
        detail = f"There are {limits.TOKENS_MAX} tokens: revoke some that nobody uses."
        raise ClientelaError("overloaded", detail)
    text, stored = mint(asked.role, asked.name, now_s, asked.lasts_s)
    table.add(stored)
    return text, stored


def revoke(table: TokenTable, token_id: str, now_s: float) -> None:
    """Revoke a token, once and for all; raises ClientelaError ``not-found``."""
    if table.find(token_id) is None:
        raise ClientelaError("not-found", f"There is no token {token_id}: list them all.")
    table.revoke(token_id, now_s)


def change_tokens(database: Path | PostgresUrl, work: Callable[[TokenTable], _Result]) -> _Result:
    """Run ``work`` in a transaction on a register's tokens, also while a server has it open.

    A server keeps nothing of this table in memory but what it reads again each second, so a second
    writer does no harm: SQLite lets one transaction wait for the other. Raises StartupError, and
    what ``work`` raises.
    """
    if isinstance(database, PostgresUrl):
        # A register in a file needs nothing of PostgreSQL.
        from clientela.server.postgres_store import change_tokens_of  # noqa: PLC0415

        return change_tokens_of(database, work)
    try:
        with OwnerLock(database):
            connection = open_database(database, application=APPLICATION, migrations=MIGRATIONS)
            return _done(connection, work)
    except InUseError:
        open_database(
            database, application=APPLICATION, migrations=MIGRATIONS, read_only=True
        ).close()
        connection = second_connection(database, read_only=False)
        if connection.pragma("user_version") < len(MIGRATIONS):
            connection.close()
            detail = f"{database} is served by an older Clientela: restart that first."
            raise StartupError(detail) from None
        return _done(connection, work)


def _done(connection: apsw.Connection, work: Callable[[TokenTable], _Result]) -> _Result:
    try:
        return transaction(connection, lambda: work(TokenTable(connection)))
    except apsw.BusyError as error:
        raise StartupError("The register is busy: try again in a moment.") from error
    finally:
        connection.close()


def _time(at_s: int) -> str:
    return rfc3339(datetime.fromtimestamp(at_s, UTC))
