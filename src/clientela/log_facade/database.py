"""What the Log DB's two engines, SQLite and PostgreSQL, do each in its own way."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from clientela.errors import StartupError
from clientela.log_facade.levels import Level
from clientela.storage.engine import Cursor

Row = tuple[Any, ...]

Cell = tuple[int, int, int, int, int, int, bytes]
"""Minute (or hour, day), series, status; count, sum and maximum (µs), and the histogram."""

_Result = TypeVar("_Result")


class AwayError(StartupError):
    """The Log DB can't be reached now; it may be later."""


class Rows(Cursor, Protocol):
    """What a statement found."""

    def __next__(self) -> Any:
        """Give the next row."""


class Connection(Protocol):
    """Runs statements; both engines understand them."""

    def execute(self, sql: str, bindings: Sequence[Any] = ..., /) -> Rows:
        """Run one."""


class Database(Connection, Protocol):
    """A Log DB as a writer has it open: for one thread at a time, one writer at a time."""

    def add_entries(self, rows: Iterable[Row]) -> None:
        """Add rows to the table ``entries``."""

    def changes(self) -> int:
        """Say how many rows the last statement changed."""

    def transaction(self, work: Callable[[], _Result]) -> _Result:
        """Run ``work`` while no other writes; when it raises, it has left no trace."""

    def add_cells(self, cells: Sequence[tuple[Level, Sequence[Cell]]]) -> None:
        """Add histograms to those of the same unit, series and status, or make them."""

    def may_prune(self) -> bool:
        """Tell, within a transaction, whether it is for this writer to drop what is old."""

    def bytes_used(self) -> int:
        """Say how much room the log takes."""

    def interrupt(self) -> None:
        """End, from another thread, what is under way."""

    def close(self) -> None:
        """Close it."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A log as it is at one moment; ``source`` is its number, which tells it from others."""

    connection: Connection
    source: int
    levels: Sequence[Level]
    has_blocks: bool
    list_rows: str
    """Gives id and JSON of the table ``entries``; see ``entries``."""
    walk: Callable[[str, Sequence[Any]], Iterable[Any]]
    """Runs a statement whose rows are large and may not all be wanted."""
    tell_damage: Callable[[int, int, Exception], None]
    """Note that the block of a first number and a count of entries can't be read, and why."""
