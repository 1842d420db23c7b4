"""A Log DB in PostgreSQL, as a writer has it open, and what PostgreSQL alone is asked.

Who writes locks the row of ``log`` first: one writes at a time, as in SQLite, and entries become
visible in the order of their numbers.
"""

import os
import re
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count
from typing import Any, TypeVar

import psycopg
from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper

from clientela import limits
from clientela.log_facade import histogram
from clientela.log_facade.database import AwayError, Cell, Row
from clientela.log_facade.levels import LEVELS, Level
from clientela.log_facade.postgres_migrations import MIGRATIONS, SCHEMA
from clientela.storage.postgres import (
    READS,
    DatabaseAwayError,
    PostgresConnection,
    connect,
    lock,
    migrate,
    opening,
    transaction,
)
from clientela.storage.urls import PostgresUrl

_Result = TypeVar("_Result")
_PART = "log"

LIST_ROWS = """
SELECT name, '{{"id":"' || name || '","time":"'
  || to_char(to_timestamp(time_us / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.')
  || lpad((time_us % 1000000)::text, 6, '0') || 'Z","facade":' || to_json(facade)::text
  || ',"method":' || to_json(method)::text || ',"route":' || to_json(route)::text
  || ',"status":' || status || ',"latency_us":' || latency_us
  || ',"parts":' || coalesce(parts, '{{}}') || ',"bytes":' || bytes
  || ',"trace_id":"' || encode(trace_id, 'hex') || '","lag_ms":' || coalesce(lag_ms::text, 'null')
  || ',"outbox":' || coalesce(outbox::text, 'null')
  || ',"error":' || coalesce(to_json(error)::text, 'null') || '}}'
FROM (
  SELECT *, lpad(to_hex(time_us), 14, '0') || lpad(to_hex({source}), 8, '0')
    || lpad(to_hex(seq), 10, '0') AS name
  FROM entries WHERE (time_us, seq) > (?, ?) AND (time_us, seq) < (?, ?){conditions}
  ORDER BY time_us {direction}, seq {direction} LIMIT ?
) AS page JOIN series ON series.id = page.series
ORDER BY time_us {direction}, seq {direction}
"""

_COPY = "COPY entries FROM STDIN"
_TAKE_TURN = "SELECT one FROM log FOR UPDATE"
_TAKE_PRUNING = "SELECT pg_try_advisory_lock(hashtextextended(?, 1))"
_BUCKETS = """
SELECT '{table}', {unit}, series, status, buckets FROM {table} WHERE ({unit}, series, status)
IN (SELECT * FROM unnest(?::bigint[], ?::bigint[], ?::bigint[]))
"""
_KNOWN = " UNION ALL ".join(_BUCKETS.format(table=each.table, unit=each.unit) for each in LEVELS)
_ADD = """
INSERT INTO {table} SELECT * FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[],
  ?::bigint[], ?::bigint[], ?::bytea[])
ON CONFLICT ({unit}, series, status) DO UPDATE SET
  count = {table}.count + excluded.count, sum_us = {table}.sum_us + excluded.sum_us,
  max_us = greatest({table}.max_us, excluded.max_us), buckets = excluded.buckets
"""
_ADDS = {level: _ADD.format(table=level.table, unit=level.unit) for level in LEVELS}
# What is deleted gives its room free later, so not the tables' sizes: what rows usually take.
_BYTES = f"""
SELECT CAST(coalesce(sum(octet_length(columns)), 0)
  + ((SELECT entries FROM log) - coalesce(sum(count), 0)) * {limits.LOG_ROW_BYTES}
  + (SELECT coalesce(sum(n_live_tup), 0) FROM pg_stat_user_tables
     WHERE schemaname = '{SCHEMA}' AND relname IN ('minutes', 'hours', 'days'))
    * {limits.LOG_CELL_BYTES} AS BIGINT)
FROM blocks
"""  # noqa: S608 - ours
_READS = {**READS, "search_path": SCHEMA}
_WRITES = {
    "search_path": SCHEMA,
    "statement_timeout": f"{limits.LOG_WRITE_MS}",
    "idle_in_transaction_session_timeout": f"{limits.POSTGRES_IDLE_MS}",
}
# As in SQLite: the last moments may be lost, nothing else.
_DONT_WAIT = "SET synchronous_commit TO off"
_HAS_SCHEMA = "SELECT to_regnamespace(?) IS NOT NULL"
_SOURCE = "SELECT source FROM log"
_INDEXED_BY = re.compile(r"\s+INDEXED BY \w+")  # a hint that SQLite alone needs


class PostgresLog:
    """A connection to a Log DB, for one thread at a time; its errors are psycopg's."""

    def __init__(self, connection: PostgresConnection) -> None:
        self._connection = connection
        self._raw = connection.raw
        self._walks = count()
        # Numbers of any size make the same statement, which is then prepared once.
        for dumper in (Int8Dumper, Int8BinaryDumper):
            self._raw.adapters.register_dumper(int, dumper)
        self.close = connection.close

    def execute(self, sql: str, bindings: Sequence[Any] = (), /) -> "psycopg.Cursor[Any]":
        """Run a statement; all of its rows are here then: see ``walk`` for large ones."""
        return self._connection.execute(_without_hints(sql), bindings)

    def walk(self, sql: str, bindings: Sequence[Any] = ()) -> Iterator[Any]:
        """Give rows a few at a time, within a transaction; who has enough just stops."""
        name = f"walk_{next(self._walks)}"  # one that was left stays open until the end
        self.execute(f"DECLARE {name} BINARY CURSOR FOR {sql}", bindings)
        while some := self.execute(f"FETCH {limits.LOG_WALK_BLOCKS} FROM {name}").fetchall():
            yield from some
        self.execute(f"CLOSE {name}")

    def begin(self) -> int | None:
        """Begin to read; give the log's number, or None: no writer has made it yet.

        Raises DatabaseAwayError, at once where the line was lost before.
        """
        try:
            with self._raw.pipeline():  # one way there and back for both
                self.execute("BEGIN")
                source = self.execute(_SOURCE)
        except psycopg.errors.UndefinedTable:
            return None
        except psycopg.OperationalError as error:
            raise DatabaseAwayError from error
        return int(next(source)[0])

    def interrupt(self) -> None:
        """Cut the line, from any thread: whoever waits for an answer gets an error at once."""
        if not self._raw.closed:
            with socket.socket(fileno=os.dup(self._raw.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)


@lru_cache(maxsize=limits.POSTGRES_PREPARED_ITEMS)
def _without_hints(sql: str) -> str:
    return _INDEXED_BY.sub("", sql)


class PostgresDatabase(PostgresLog):
    """A ``Database``, shared by any number of writers."""

    def __init__(self, connection: PostgresConnection) -> None:
        super().__init__(connection)
        self._prunes = False
        self._last: psycopg.Cursor[Any] | None = None

    def execute(self, sql: str, bindings: Sequence[Any] = (), /) -> "psycopg.Cursor[Any]":
        """Run a statement."""
        self._last = super().execute(sql, bindings)
        return self._last

    def add_entries(self, rows: Iterable[Row]) -> None:
        """Add rows to the table ``entries``."""
        with self._raw.cursor() as cursor, cursor.copy(_COPY) as copy:
            for row in rows:
                copy.write_row(row)

    def changes(self) -> int:
        """Say how many rows the last statement changed."""
        return 0 if self._last is None else self._last.rowcount

    def transaction(self, work: Callable[[], _Result]) -> _Result:
        """Run ``work`` while no other writes; when it raises, it has left no trace.

        Raises AwayError: then a trace may be left, if the line broke at the very end.
        """

        def in_turn() -> _Result:
            self.execute(_TAKE_TURN)
            return work()

        try:
            return transaction(self._connection, in_turn)
        except DatabaseAwayError as error:
            raise AwayError(_why(error)) from error

    def add_cells(self, cells: Sequence[tuple[Level, Sequence[Cell]]]) -> None:
        """Add histograms to those of the same unit, series and status, or make them."""
        some = dict(cells)
        keys = [[row[n] for row in some[level]] for level in LEVELS for n in range(3)]
        known = {tuple(key): blob for *key, blob in self.execute(_KNOWN, keys)}
        with self._raw.pipeline():
            for level, rows in cells:
                blobs = [
                    histogram.merged(known.get((level.table, *row[:3]), b""), row[6])
                    for row in rows
                ]
                numbers = [[row[n] for row in rows] for n in range(6)]
                self.execute(_ADDS[level], (*numbers, blobs))

    def may_prune(self) -> bool:
        """Tell whether this writer is the one that does; when it ends, another one will."""
        if not self._prunes:
            self._prunes = bool(next(self.execute(_TAKE_PRUNING, (SCHEMA,)))[0])
        return self._prunes

    def bytes_used(self) -> int:
        """Say about how much room the rows take that are kept."""
        return int(next(self.execute(_BYTES))[0])


def open_postgres(url: PostgresUrl) -> PostgresDatabase:
    """Connect to a Log DB for writing, or make it.

    Raises AwayError, or StartupError when it is a newer version's or may not be made.
    """
    connection = _connect(url, _WRITES)
    try:
        with opening(url):
            _make_schema(connection)
            migrate(connection, _PART, MIGRATIONS)
            connection.execute(_DONT_WAIT)
    except BaseException:
        connection.close()
        raise
    return PostgresDatabase(connection)


def open_reader(url: PostgresUrl) -> PostgresLog:
    """Connect to a Log DB that may not be made yet; raises AwayError."""
    return PostgresLog(_connect(url, _READS))


def _connect(url: PostgresUrl, settings: Mapping[str, str]) -> PostgresConnection:
    with opening(url):
        try:
            return connect(url, settings)
        except DatabaseAwayError as error:
            raise AwayError(f"{url} can't be reached: {_why(error)}") from error


def _why(error: DatabaseAwayError) -> str:
    return " ".join(str(error.__cause__).split())


def _make_schema(connection: PostgresConnection) -> None:
    # Asked first: who may write there need not be allowed to make one.
    if next(connection.execute(_HAS_SCHEMA, (SCHEMA,)))[0]:
        return
    with connection.raw.transaction():
        lock(connection, _PART)
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
