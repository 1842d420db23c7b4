"""Many rows by one statement: a call of the database costs more than the row it is made for.

Each call of SQLite also lets go of the interpreter's lock, and another thread may take it. The
numbers of rows are powers of two, so that few statements are prepared, once each.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, TypeVar

from clientela.storage.engine import Connection, Value

_ROWS_MAX = 64  # of five columns: a hundredth of the parameters that a statement may have

_Item = TypeVar("_Item")


def insert(connection: Connection, into: str, rows: Sequence[tuple[Value, ...]]) -> None:
    """Insert rows in their order; ``into`` is the statement up to its VALUES."""
    for part in _parts(rows):
        row = f"({','.join('?' * len(part[0]))})"
        statement = f"{into} VALUES {','.join([row] * len(part))}"
        connection.execute(statement, tuple(chain.from_iterable(part)))


def found(connection: Connection, select: str, keys: Sequence[Value]) -> Iterator[Any]:
    """Give those of some keys that are found; ``select`` is the statement up to its list."""
    for start in range(0, len(keys), _ROWS_MAX):
        part = tuple(keys[start : start + _ROWS_MAX])
        size = 1 << (len(part) - 1).bit_length()
        statement = f"{select} IN ({','.join('?' * size)})"
        # A key that is asked for more than once is found once.
        for (key,) in connection.execute(statement, part + part[-1:] * (size - len(part))):
            yield key


def _parts(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    start = 0
    while left := len(items) - start:
        size = min(_ROWS_MAX, 1 << (left.bit_length() - 1))
        yield items[start : start + size]
        start += size
