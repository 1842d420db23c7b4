"""What has arrived in a log since it was last looked at, by the numbers of its entries.

Numbers are given in the order in which entries become visible. Times are not: several facades may
write into one log, each at its own moments and by its own clock.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from clientela import limits
from clientela.log_facade.blocks import Block, DamagedBlockError
from clientela.log_facade.database import Snapshot
from clientela.log_facade.filters import TIME_US_MAX
from clientela.log_facade.logs import Log
from clientela.log_facade.rendering import Item, Renderer

_LAST = "SELECT last_seq FROM log"
# A block that begins before may reach beyond: none has more entries than a batch.
_BLOCKS = """
SELECT first_seq, count, columns FROM blocks
WHERE first_seq > ? AND first_seq <= ? AND first_seq + count > ? ORDER BY first_seq
"""
_AMONG = " AND seq > ? AND seq <= ?"
_NUMBER = slice(22, None)  # where an entry's id tells its number in its log


class Seen(NamedTuple):
    """How far the log of this ``source`` was read; of -1, none was yet.

    ``since_us`` leaves out what happened before; it matters at the first look alone.
    """

    source: int
    seq: int
    since_us: int


def first_look(since_us: int) -> Seen:
    """Begin to look at what happens from a time (microseconds since 1970) on."""
    return Seen(-1, 0, since_us)


def read_arrivals(log: Log, seen: Seen) -> tuple[list[bytes], Seen]:
    """Read what has arrived since, as JSON, at most ``LOG_TAIL_ENTRIES_MAX`` entries at once."""
    with log.snapshot() as snapshot:
        if snapshot is None:
            return [], seen
        last = int(next(snapshot.connection.execute(_LAST))[0])
        seen = _known(snapshot, seen, last)
        upto = min(last, seen.seq + limits.LOG_TAIL_ENTRIES_MAX)
        if upto == seen.seq:
            return [], seen
        found = sorted(_between(snapshot, seen, upto), key=lambda item: item[0][_NUMBER])
        return [item.encode() for _, item in found], Seen(snapshot.source, upto, 0)


def _known(log: Snapshot, seen: Seen, last: int) -> Seen:
    if seen.source == -1:
        return Seen(log.source, max(0, last - limits.LOG_TAIL_ENTRIES_MAX), seen.since_us)
    if seen.source != log.source:  # it was begun anew
        return Seen(log.source, 0, 0)
    return seen._replace(seq=min(seen.seq, last))


def _between(log: Snapshot, seen: Seen, upto: int) -> Iterable[Item]:
    in_blocks, found = _of_blocks(log, seen, upto)
    rows = upto - seen.seq - in_blocks
    if rows > 0:
        found += _of_rows(log, seen, upto, rows)
    return found


def _of_blocks(log: Snapshot, seen: Seen, upto: int) -> tuple[int, list[Item]]:
    if not log.has_blocks:
        return 0, []
    count, found = 0, []
    renderer = Renderer(log.connection, log.source)
    bindings = (seen.seq - limits.LOG_BATCH_ENTRIES_MAX, upto, seen.seq + 1)
    for first_seq, entries, blob in log.walk(_BLOCKS, bindings):
        count += min(first_seq + entries - 1, upto) - max(first_seq - 1, seen.seq)
        try:
            block = Block(blob)
        except DamagedBlockError as error:
            log.tell_damage(first_seq, entries, error)
            continue
        numbers = np.arange(first_seq, first_seq + entries)
        wanted = (numbers > seen.seq) & (numbers <= upto) & (block.time_us >= seen.since_us)
        found += renderer.items(block, np.flatnonzero(wanted))
    return count, found


def _of_rows(log: Snapshot, seen: Seen, upto: int, most: int) -> list[Item]:
    """Read rows, from the latest backwards until all are found: what is new is nearly always there.

    ``most`` ends the walk, so SQLite needs no index by numbers.
    """
    sql = log.list_rows.format(conditions=_AMONG, direction="desc", source=log.source)
    span = (seen.since_us, -1, TIME_US_MAX, -1)
    return list(log.connection.execute(sql, (*span, seen.seq, upto, most)))
