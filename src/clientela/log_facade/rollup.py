"""Writing histograms: each request into its minute, its hour and its day, in one transaction.

A file of before there were hours and days is filled from its minutes step by step, newest first:
30 busy days are millions of rows, seconds of work, and nobody waits for them. ``log.hours_from``
and ``log.days_from`` say from where on a level counts everything; requests of before go to the
finer level alone, from which the filling takes them. So readers are right at any moment.
"""

from collections.abc import Iterable, Iterator

from clientela.log_facade import histogram, tally
from clientela.log_facade.batch import Batch, Column, by_kind
from clientela.log_facade.database import Cell, Connection, Database
from clientela.log_facade.levels import DAYS, HOURS, LEVELS, MINUTES, Level

_COMPLETE_FROM = "SELECT hours_from, days_from FROM log"
_LAST_BEFORE = "SELECT max({unit}) FROM {table} WHERE {unit} < ?"
# Only SQLite's files are ever old enough to be filled.
_FILL = """
INSERT INTO {wide} SELECT ?, series, status, sum(count), sum(sum_us), max(max_us),
  merged(CAST(group_concat(buckets, '') AS BLOB), x'')
FROM {fine} WHERE {unit} >= ? AND {unit} < ? GROUP BY series, status
"""
_FILLED_TO = "UPDATE log SET {table}_from = ?"


def cells(minute: int, series: Column, batch: Batch) -> Iterator[Cell]:
    """Count the requests of one minute by series and status."""
    kinds, places = by_kind(series, batch.status)
    summed = tally.sums(places, len(kinds), batch.latency_us)
    for (number, status), (count, sum_us, max_us, slots) in zip(kinds, summed, strict=True):
        yield minute, number, status, count, sum_us, max_us, histogram.pack(slots)


def add(database: Database, cells: Iterable[Cell]) -> None:
    """Add cells of minutes at every level."""
    complete_from = (0, *next(database.execute(_COMPLETE_FROM)))
    added = list(cells)
    levels: list[tuple[Level, list[Cell]]] = []
    for level, first in zip(LEVELS, complete_from, strict=True):
        minutes = level.width_us // MINUTES.width_us
        rows = [(cell[0] // minutes, *cell[1:]) for cell in added]
        levels.append((level, [row for row in rows if row[0] >= first]))
    database.add_cells(levels)


def fill_some(connection: Connection) -> bool:
    """Fill one hour or one day from the finer level; False when nothing is left to fill."""
    hours_from, days_from = next(connection.execute(_COMPLETE_FROM))
    if hours_from:
        _fill_before(connection, hours_from, MINUTES, HOURS)
    elif days_from:  # only now, for days are added up from hours
        _fill_before(connection, days_from, HOURS, DAYS)
    return bool(hours_from or days_from)


def _fill_before(connection: Connection, complete_from: int, fine: Level, wide: Level) -> None:
    factor = wide.width_us // fine.width_us
    last_sql = _LAST_BEFORE.format(table=fine.table, unit=fine.unit)
    last = next(connection.execute(last_sql, (complete_from * factor,)))[0]
    unit = 0
    if last is not None:
        unit = last // factor
        sql = _FILL.format(wide=wide.table, fine=fine.table, unit=fine.unit)
        connection.execute(sql, (unit, unit * factor, (unit + 1) * factor))
    connection.execute(_FILLED_TO.format(table=wide.table), (unit,))
