"""Moving a register from SQLite to PostgreSQL: every row, its identity, its epochs, its log.

All of it is one transaction of the target's: whatever cuts it off leaves nothing there. The source
is only read.
"""

from collections.abc import Mapping
from pathlib import Path

import apsw
from psycopg import sql

from clientela import limits
from clientela.clients import digest
from clientela.errors import StartupError
from clientela.server.backup import KIND
from clientela.server.postgres_tables import MIGRATIONS, PART
from clientela.storage.backup import Progress, verify
from clientela.storage.database import OwnerLock, open_database, snapshot
from clientela.storage.postgres import (
    WRITES,
    Line,
    PostgresConnection,
    lock,
    migrate,
    opening,
    transaction,
)
from clientela.storage.register import Head, RegisterTables
from clientela.storage.urls import PostgresUrl

TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
COLUMNS = """
SELECT column_name, is_identity = 'YES' FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name = ? ORDER BY ordinal_position
"""


def move(source: Path, target: PostgresUrl, progress: Progress) -> Head:
    """Copy a register that no server has open into a database that holds none; gives its head.

    Raises StartupError, and nothing was changed then.
    """
    if not source.is_file():
        raise StartupError(f"{source} is not there.")
    with OwnerLock(source), opening(target):
        verify(source, KIND, progress)
        reading = open_database(source, application=KIND.application, migrations=KIND.migrations)
        line = Line(target, {**WRITES, "idle_in_transaction_session_timeout": "0"})
        try:
            migrate(line.open(), PART, MIGRATIONS)
            with snapshot(reading):
                return transaction(line.open(), lambda: _copy(reading, line.open(), progress))
        finally:
            line.drop()
            reading.close()


def _copy(reading: apsw.Connection, writing: PostgresConnection, progress: Progress) -> Head:
    lock(writing, PART)  # no server makes a register there meanwhile
    if RegisterTables(writing).head() is not None:
        raise StartupError("The target holds a register already: name an empty database.")
    tables = [str(name) for (name,) in reading.execute(TABLES).fetchall()]
    for name in tables:
        _copy_table(name, reading, writing, progress)
    head = RegisterTables(reading).head()
    if head is None or head != RegisterTables(writing).head():
        raise StartupError("The copy has another head than the register: nothing was kept of it.")
    _check(head, writing, progress)
    writing.execute("ANALYZE")
    return head


def _copy_table(
    name: str, reading: apsw.Connection, writing: PostgresConnection, progress: Progress
) -> None:
    columns: Mapping[str, bool] = dict(writing.execute(COLUMNS, (name,)).fetchall())
    known = {row[1] for row in reading.execute(f'PRAGMA table_info("{name}")')}
    if known - columns.keys():
        missing = ", ".join(sorted(known - columns.keys()))
        raise StartupError(f"The target's table {name} has no {missing}: it can't take the rows.")
    chosen = [column for column in columns if column in known]
    names = ", ".join(f'"{column}"' for column in chosen)
    rows: int = reading.execute(f'SELECT count(*) FROM "{name}"').get  # noqa: S608 - of our schema
    copied = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, chosen))
    )
    with writing.raw.cursor() as cursor, cursor.copy(copied) as copy:
        found = reading.execute(f'SELECT {names} FROM "{name}"')  # noqa: S608 - of our schema
        for number, row in enumerate(found, start=1):
            copy.write_row(row)
            if number % limits.VERIFY_STEP_ROWS == 0:
                progress(f"Copying {name}", number, rows)
    progress(f"Copying {name}", rows, rows)
    ((arrived,),) = writing.execute(f'SELECT count(*) FROM "{name}"').fetchall()  # noqa: S608
    if arrived != rows:
        raise StartupError(f"Of {rows} rows of {name} {arrived} arrived: nothing was kept of them.")
    for column in (each for each in chosen if columns[each]):
        _go_on_after(name, column, writing)


def _go_on_after(name: str, column: str, writing: PostgresConnection) -> None:
    """Let the numbers that PostgreSQL gives follow those that were copied."""
    highest = f'SELECT coalesce(max("{column}"), 0) + 1 FROM "{name}"'  # noqa: S608 - of our schema
    query = f"SELECT setval(pg_get_serial_sequence(?, ?), ({highest}), false)"
    writing.execute(query, (name, column))


def _check(head: Head, writing: PostgresConnection, progress: Progress) -> None:
    """Count the digest from the rows that arrived; raises StartupError when it is another."""
    total, clients = digest.EMPTY, 0
    for row in RegisterTables(writing).range(None, None):
        total = digest.add(total, digest.row_digest(*row))
        clients += 1
        if clients % limits.VERIFY_STEP_ROWS == 0:
            progress("Checking the copy", clients, head.clients)
    progress("Checking the copy", head.clients, head.clients)
    if (total, clients) != (head.digest, head.clients):
        raise StartupError("The rows that arrived have another digest: nothing was kept of them.")
