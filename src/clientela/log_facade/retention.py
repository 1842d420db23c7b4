"""What the Log DB keeps, and how the rest goes: oldest first, in steps of a few milliseconds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from clientela import limits
from clientela.log_facade.database import Database
from clientela.log_facade.levels import LEVELS, MINUTE_US, Level

# The first row that stays when so many go: a range from a table's beginning costs one walk.
_FIRST_TO_STAY = "SELECT {key} FROM {table} WHERE {time} < ? ORDER BY {key} LIMIT 1 OFFSET ?"
_DELETE_BEFORE = "DELETE FROM {table} WHERE ({key}) < ({marks})"
_DELETE_ALL_BEFORE = "DELETE FROM {table} WHERE {time} < ?"
_DELETE_DROPS = "DELETE FROM drops WHERE minute < ?"
_ENTRIES = "SELECT entries FROM log"
_COUNT_OUT = "UPDATE log SET entries = entries - ?"
_OLDEST_BLOCK = """
SELECT first_seq, last_us, count FROM blocks INDEXED BY blocks_by_last
WHERE last_us < ? ORDER BY last_us LIMIT 1
"""
_DELETE_BLOCK = "DELETE FROM blocks WHERE first_seq = ?"

_FOREVER = 2**62


@dataclass(frozen=True, slots=True)
class Retention:
    """How much is kept; ``bytes_max`` counts what is in use, for a file never shrinks by itself.

    Beyond it entries go first, down to ``entries_min``, then minutes, hours and days.
    """

    entries_s: int = limits.LOG_KEPT_S
    levels_s: tuple[int, ...] = (limits.LOG_KEPT_S, limits.LOG_HOURS_KEPT_S, limits.LOG_DAYS_KEPT_S)
    entries_min: int = limits.LOG_KEPT_ENTRIES_MIN
    entries_max: int = limits.LOG_KEPT_ENTRIES_MAX
    bytes_max: int = limits.LOG_KEPT_BYTES_MAX
    step_items: int = limits.PRUNE_ITEMS_MAX
    interval_s: float = limits.LOG_PRUNE_INTERVAL_S


@dataclass(frozen=True, slots=True)
class _Table:
    """A table whose key begins with its time."""

    name: str
    key: tuple[str, ...]

    def sql(self, template: str) -> str:
        marks = ", ".join("?" for _ in self.key)
        key = ", ".join(self.key)
        return template.format(table=self.name, key=key, time=self.key[0], marks=marks)


_ENTRY_TABLE = _Table("entries", ("time_us", "seq"))


def _table(level: Level) -> _Table:
    return _Table(level.table, (level.unit, "series", "status"))


def prune_some(database: Database, kept: Retention, now_us: int) -> tuple[int, bool]:
    """Drop a step of what is beyond retention: how many entries, and whether more is to go."""
    dropped = [
        _too_many(database, kept),
        _drop_entries(database, now_us - kept.entries_s * 1_000_000, _FOREVER, kept.step_items),
    ]
    others = list(_aged_cells(database, kept, now_us))
    if not any(dropped):
        entries, cells = _too_large(database, kept)
        dropped.append(entries)
        others.append(cells)
    entries = sum(dropped)
    if entries:
        database.execute(_COUNT_OUT, (entries,))
    return entries, max(*dropped, *others) >= kept.step_items


def _too_many(database: Database, kept: Retention) -> int:
    excess = _one(database, _ENTRIES) - kept.entries_max
    return _drop_entries(database, _FOREVER, excess, kept.step_items)


def _aged_cells(database: Database, kept: Retention, now_us: int) -> Iterator[int]:
    for level, kept_s in zip(LEVELS, kept.levels_s, strict=True):
        oldest = (now_us - kept_s * 1_000_000) // level.width_us
        yield _drop(database, _table(level), oldest, kept.step_items)
    database.execute(_DELETE_DROPS, ((now_us - kept.entries_s * 1_000_000) // MINUTE_US,))


def _too_large(database: Database, kept: Retention) -> tuple[int, int]:
    """Drop a step of entries, or else of cells."""
    if database.bytes_used() <= kept.bytes_max:
        return 0, 0
    spare = _one(database, _ENTRIES) - kept.entries_min
    if spare > 0:
        return _drop_entries(database, _FOREVER, spare, kept.step_items), 0
    for level in LEVELS:
        cells = _drop(database, _table(level), _FOREVER, kept.step_items)
        if cells:
            return 0, cells
    return 0, 0


def _drop_entries(database: Database, before_us: int, most: int, items: int) -> int:
    """Drop a step of about so many entries of before a time, the oldest first, never over ``most``.

    A block goes as a whole, when all of it is to go.
    """
    dropped = 0
    while dropped < min(items, most):
        some = _drop_oldest(database, before_us, most - dropped, items - dropped)
        if not some:
            break
        dropped += some
    return dropped


def _drop_oldest(database: Database, before_us: int, most: int, items: int) -> int:
    block = database.execute(_OLDEST_BLOCK, (before_us,)).fetchone()
    first_seq, last_us, count = block or (None, before_us, 0)
    rows = _drop(database, _ENTRY_TABLE, last_us, min(items, most))
    if rows or first_seq is None or count > most:
        return rows
    database.execute(_DELETE_BLOCK, (first_seq,))
    return int(count)


def _drop(database: Database, table: _Table, before: int, items: int) -> int:
    """Drop up to so many rows of before a time, the oldest first."""
    if items <= 0:
        return 0
    stays = database.execute(table.sql(_FIRST_TO_STAY), (before, items)).fetchone()
    if stays is None:
        database.execute(table.sql(_DELETE_ALL_BEFORE), (before,))
    else:
        database.execute(table.sql(_DELETE_BEFORE), stays)
    return database.changes()


def _one(database: Database, sql: str) -> Any:
    return next(database.execute(sql))[0]
