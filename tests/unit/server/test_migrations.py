"""The two lists of migrations: SQLite's and PostgreSQL's make the same tables."""

import apsw
import psycopg
import pytest

from clientela.server import postgres_tables, tables
from clientela.storage.postgres import PostgresConnection, migrate

SQLITE_COLUMNS = """
SELECT t.name, c.name, NOT (c."notnull" OR c.pk)
FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'
"""
SQLITE_INDEXES = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
POSTGRES_COLUMNS = """
SELECT table_name, column_name, is_nullable = 'YES' FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name <> 'migrations'
"""
# Those of primary keys have names of the engine's own.
POSTGRES_INDEXES = """
SELECT indexname FROM pg_indexes
WHERE schemaname = current_schema() AND indexname NOT LIKE '%_pkey'
"""


@pytest.fixture
def sqlite():
    with apsw.Connection(":memory:") as connection:
        yield connection


@pytest.fixture
def postgresql(postgres_url):
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        yield connection


def made(connection, columns, indexes):
    """Give every column, with whether it may be null, and every index by its name."""
    found = {(table, column, bool(null)) for table, column, null in connection.execute(columns)}
    return found, {name for (name,) in connection.execute(indexes)}


def test_each_migration_of_sqlite_has_its_counterpart_of_the_same_number(sqlite, postgresql):
    assert len(tables.MIGRATIONS) == len(postgres_tables.MIGRATIONS)
    for number, script in enumerate(tables.MIGRATIONS, start=1):
        sqlite.execute(script)
        connection = PostgresConnection(postgresql)
        migrate(connection, postgres_tables.PART, postgres_tables.MIGRATIONS[:number])

        of_postgres = made(postgresql, POSTGRES_COLUMNS, POSTGRES_INDEXES)

        assert of_postgres == made(sqlite, SQLITE_COLUMNS, SQLITE_INDEXES), f"number {number}"
