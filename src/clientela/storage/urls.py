"""Database URLs, in SQLAlchemy's convention: ``sqlite:///relative.db``, ``postgresql://…``."""

import re
from pathlib import Path

from clientela.errors import StartupError
from clientela.storage.database import sqlite_path

_SCHEME = re.compile(r"(postgresql|postgres)(\+psycopg)?://")
_PASSWORDS = ((re.compile(r"(://[^/@:]*):.*@"), r"\1@"), (re.compile(r"(password=)[^&]*"), r"\1"))


class PostgresUrl:
    """The address of a PostgreSQL database: libpq's options may follow, as ``?sslmode=…``.

    As a text it has no password, so that it can be logged; ``conninfo`` is for libpq alone.
    """

    def __init__(self, url: str) -> None:
        self.conninfo = _SCHEME.sub("postgresql://", url, count=1)

    def __str__(self) -> str:
        shown = self.conninfo
        for password, without in _PASSWORDS:
            shown = password.sub(without, shown)
        return shown

    __repr__ = __str__


def database_of(url: str) -> Path | PostgresUrl:
    """Give what a database URL names; raises StartupError for one that is not understood."""
    if _SCHEME.match(url):
        return PostgresUrl(url)
    try:
        return sqlite_path(url)
    except StartupError:
        raise StartupError(
            "The database URL is not understood: write sqlite:///relative.db, "
            "sqlite:////absolute.db or postgresql://USER@HOST/DATABASE."
        ) from None
