"""Blocks of a Log DB, and which of their entries a question asks for."""

from collections.abc import Iterator
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from clientela.log_facade.batch import traces_of
from clientela.log_facade.blocks import Block, DamagedBlockError
from clientela.log_facade.database import Snapshot
from clientela.log_facade.filters import Filters
from clientela.web.lists import Order

Key = tuple[int, int]
"""Time (microseconds since 1970) and number: entries of one log are in this order."""

# A block lies within a minute. So both of its ends bound an index on either, and no question walks
# over more than a minute of blocks that it has no use for.
_BLOCKS = {
    "asc": """
SELECT first_us, first_seq, count, columns FROM blocks INDEXED BY blocks_by_first
WHERE first_us >= ? - 60000000 AND last_us >= ? AND first_us < ? ORDER BY first_us, first_seq
""",
    "desc": """
SELECT last_us, first_seq, count, columns FROM blocks INDEXED BY blocks_by_last
WHERE last_us >= ? AND first_us < ? AND last_us < ? + 60000000 ORDER BY last_us DESC, first_seq
""",
}


class Selection:
    """What the filters of a question want of the blocks of one log."""

    def __init__(self, log: Snapshot, filters: Filters) -> None:
        self._log = log
        self._filters = filters
        ids = filters.series_ids(log.connection)
        self._series = None if ids is None else np.array(ids, dtype=np.int64)
        trace = filters.trace_id
        self._trace = None if trace is None else traces_of(trace)

    def blocks(self, start_us: int, end_us: int, order: Order) -> Iterator[tuple[int, Block]]:
        """Give blocks that hold entries of ``start_us`` ≤ time < ``end_us``.

        They come by where they begin (asc), or by where they end (desc), which stands beside each.
        One that is damaged is told, counted and left out.
        """
        if not self._log.has_blocks:
            return
        bindings = (start_us, start_us, end_us) if order == "asc" else (start_us, end_us, end_us)
        for edge_us, first_seq, count, blob in self._log.walk(_BLOCKS[order], bindings):
            try:
                block = Block(blob)
            except DamagedBlockError as error:
                self._log.tell_damage(first_seq, count, error)
            else:
                yield edge_us, block

    def places(self, block: Block, after: Key, before: Key) -> NDArray[np.intp]:
        """Give where the wanted entries of a block are, between two keys, in order."""
        first, last = _end(block, after), _start(block, before)
        if first >= last:
            return np.empty(0, dtype=np.intp)
        within = slice(first, last)
        conditions = list(self._conditions(block, within))
        if not conditions:
            return np.arange(first, last)
        return np.flatnonzero(reduce(np.logical_and, conditions)) + first

    def _conditions(self, block: Block, within: slice) -> Iterator[NDArray[np.bool_]]:
        asked = self._filters
        if self._series is not None:
            yield np.isin(block.column("series", within), self._series)
        if asked.status is not None:
            status = block.column("status", within)
            yield (status >= asked.status[0]) & (status <= asked.status[1])
        if asked.min_latency_us is not None:
            yield block.column("latency_us", within) >= asked.min_latency_us
        if asked.max_latency_us is not None:
            yield block.column("latency_us", within) <= asked.max_latency_us
        if asked.error is not None:
            wanted = [n for n, error in enumerate(block.errors) if asked.wants_error(error)]
            yield np.isin(block.column("error", within), wanted)
        if self._trace is not None:
            yield block.has_trace(self._trace, within)


def _start(block: Block, key: Key) -> int:
    """Give the first place whose key is this one or a later one."""
    first, last = np.searchsorted(block.time_us, [key[0], key[0] + 1])
    return int(min(max(first, key[1] - block.first_seq), last))


def _end(block: Block, key: Key) -> int:
    """Give the first place whose key is later than this one."""
    return _start(block, (key[0], key[1] + 1))
