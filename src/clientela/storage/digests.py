"""Digests of a register by ranges of ids: how two copies find the rows in which they differ.

All of a report is read in one snapshot, in steps with pauses, so that it neither mixes versions nor
takes the interpreter from those who answer requests.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import msgspec

from clientela import limits
from clientela.clients import digest
from clientela.errors import ClientelaError
from clientela.feed.position import Position
from clientela.storage.database import second_connection
from clientela.storage.engine import Connection
from clientela.storage.register import Head, RegisterTables, Row


class DigestRange(msgspec.Struct, frozen=True):
    """The clients with ``after`` < id ≤ ``last`` (null: no bound): their number and digest."""

    after: str | None
    last: str | None
    clients: int
    digest: str


class RegisterDigests(msgspec.Struct, frozen=True):
    """The ranges of a whole register at a position."""

    version: str
    ranges: list[DigestRange]


class RowDigest(msgspec.Struct, frozen=True):
    """One client's version and digest."""

    id: str
    version: str
    digest: str


class RangeDigests(msgspec.Struct, frozen=True):
    """The rows of one range at a position."""

    version: str
    rows: list[RowDigest]


OpenScan = Callable[[], Connection]
"""Opens a connection of its own for reading all rows; transactions on it only read."""


def scan(path: Path) -> Connection:
    """Open a file for reading all of its rows."""
    return second_connection(path, read_only=True, cache_bytes=limits.SQLITE_SCAN_CACHE_BYTES)


@contextmanager
def snapshot(open_scan: OpenScan) -> Iterator[tuple[RegisterTables, Head]]:
    """Read a register at one moment; raises ClientelaError ``not-ready`` when there is none."""
    connection = open_scan()
    try:
        connection.execute("BEGIN")
        tables = RegisterTables(connection)
        head = tables.head()
        if head is None:
            raise ClientelaError("not-ready", "There is no register here yet.")
        yield tables, head
    finally:
        connection.close()


def digests_of(open_scan: OpenScan) -> RegisterDigests:
    """Sum up a whole register, range by range."""
    with snapshot(open_scan) as (tables, head):
        ranges: list[DigestRange] = []
        after: str | None = None
        rows = iter(tables.range(None, None))
        while part := list(islice(rows, limits.DIGEST_RANGE_ITEMS)):
            ranges.append(_range(after, part[-1].id, part))
            after = part[-1].id
            time.sleep(limits.DIGEST_PAUSE_S)
    # The last one is open: what another copy has beyond it differs, too.
    last = ranges.pop() if ranges else _range(None, None, [])
    ranges.append(msgspec.structs.replace(last, last=None))
    return RegisterDigests(str(head.position), ranges)


def same_ranges(
    open_scan: OpenScan, ranges: list[DigestRange]
) -> tuple[Position, list[DigestRange]]:
    """Sum up a register over the ranges of another; gives its position, too."""
    with snapshot(open_scan) as (tables, head):
        found = []
        for wanted in ranges:
            rows = list(tables.range(wanted.after, wanted.last))
            found.append(_range(wanted.after, wanted.last, rows))
            time.sleep(limits.DIGEST_PAUSE_S)
    return head.position, found


def rows_of(open_scan: OpenScan, after: str | None, last: str | None) -> RangeDigests:
    """Give the digests of the rows of one range, at most ``PAGE_ITEMS_MAX``.

    Raises ClientelaError ``bad-parameter`` for a wider range.
    """
    with snapshot(open_scan) as (tables, head):
        rows = list(islice(tables.range(after, last), limits.PAGE_ITEMS_MAX + 1))
    if len(rows) > limits.PAGE_ITEMS_MAX:
        detail = f"The range holds more than {limits.PAGE_ITEMS_MAX} clients: ask for a part of it."
        raise ClientelaError("bad-parameter", detail)
    told = [RowDigest(row.id, row.version, _hex(row)) for row in rows]
    return RangeDigests(str(head.position), told)


def counted(open_scan: OpenScan) -> tuple[Head, int]:
    """Count a register's digest from its rows: gives its head as stored, and the digest found."""
    with snapshot(open_scan) as (tables, head):
        total = digest.EMPTY
        rows = iter(tables.range(None, None))
        while part := list(islice(rows, limits.DIGEST_STEP_ITEMS)):
            for row in part:
                total = digest.add(total, digest.row_digest(*row))
            time.sleep(limits.DIGEST_PAUSE_S)
    return head, total


def _range(after: str | None, last: str | None, rows: list[Row]) -> DigestRange:
    total = digest.EMPTY
    for row in rows:
        total = digest.add(total, digest.row_digest(*row))
    return DigestRange(after, last, len(rows), digest.to_hex(total))


def _hex(row: Row) -> str:
    return digest.to_hex(digest.row_digest(*row))
