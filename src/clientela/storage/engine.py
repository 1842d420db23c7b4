"""What the queries need of a database, whichever engine it is.

Statements are portable: ``?`` for each value, ``ON CONFLICT`` with ``excluded``, no function that
one engine alone has. ``apsw.Connection`` is a ``Connection`` as it is: SQLite pays nothing for it.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

Value = bytes | str | int | None


class Cursor(Protocol):
    """The rows of one statement, as tuples."""

    def __iter__(self) -> Iterator[Any]:
        """Give row after row."""
        ...

    def fetchone(self) -> Any:
        """Give the next row; None when there is none."""
        ...

    def fetchall(self) -> list[Any]:
        """Give the rows that are left."""
        ...


class Connection(Protocol):
    """A connection, for one thread at a time."""

    def execute(self, statement: str, parameters: Sequence[Value] = ..., /) -> Cursor:
        """Run a statement."""
        ...

    def close(self) -> None:
        """Close it; an open transaction is undone."""
        ...
