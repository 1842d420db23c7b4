"""PostgreSQL connections: what is sent at once is one matter with its transaction."""

import psycopg
import pytest

from clientela.storage.postgres import WRITES, connect, transaction
from clientela.storage.urls import PostgresUrl

ADD = "INSERT INTO numbers (number) VALUES (?)"


@pytest.fixture
def connection(postgres_url):
    made = connect(PostgresUrl(postgres_url), WRITES)
    made.execute("CREATE TABLE numbers (number bigint PRIMARY KEY)")
    yield made
    made.close()


def add_at_once(connection, *numbers):
    with connection.at_once():
        for number in numbers:
            connection.execute(ADD, (number,))


def count(connection):
    return connection.execute("SELECT count(*) FROM numbers").fetchone()[0]


def test_what_was_sent_at_once_is_there_after_its_end(connection):
    transaction(connection, lambda: add_at_once(connection, *range(100)))

    assert count(connection) == 100


@pytest.mark.parametrize("numbers", [(1, 1, 2, 3), (1, 2, 3, 1)])
def test_one_statement_that_fails_fails_the_transaction(connection, numbers):
    with pytest.raises(psycopg.errors.UniqueViolation):
        transaction(connection, lambda: add_at_once(connection, *numbers))

    assert count(connection) == 0
    transaction(connection, lambda: add_at_once(connection, 1))
    assert count(connection) == 1
