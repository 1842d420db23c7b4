"""Lists of entries: pages by keyset, from several Log DBs merged by time.

Of rows the engine makes the JSON, of blocks only what a page shows is written out (``rendering``).
Both bounds of a page are whole keys, so that each begins where the one before ended and nothing is
walked twice.
"""

import heapq
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from clientela.errors import ClientelaError, bad_parameter
from clientela.log_facade.blocks import Block
from clientela.log_facade.database import Snapshot
from clientela.log_facade.filters import Filters
from clientela.log_facade.logs import Log
from clientela.log_facade.rendering import Item, Renderer
from clientela.log_facade.selection import Key, Selection
from clientela.web.lists import Order, Page

_SEQ_MAX = 2**62
CURSOR_FORM = r"([ad])([0-9a-f]{14})([0-9a-f]{8})([0-9a-f]{10})"
_CURSOR = re.compile(CURSOR_FORM)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last entry of a page: where it stands among all logs."""

    order: Order
    time_us: int
    source: int
    seq: int


def parse_cursor(text: str, order: Order) -> Cursor:
    """Read a cursor of a list in this order; raises ClientelaError ``bad-parameter``."""
    match = _CURSOR.fullmatch(text)
    if match is None:
        raise _bad_cursor("broken", "The cursor is broken: take it from the Link header as it is.")
    if match[1] != order[0]:
        detail = "The cursor is of a list in the other order: keep order as it was, or leave it."
        raise _bad_cursor("other-order", detail)
    return Cursor(order, int(match[2], 16), int(match[3], 16), int(match[4], 16))


@dataclass(frozen=True, slots=True)
class PageOf:
    """Which page: at most ``limit`` entries after the cursor."""

    filters: Filters
    order: Order
    cursor: Cursor | None
    limit: int


def read_page(files: Sequence[Log], page: PageOf) -> Page:
    """Read one page; times, sources and numbers together put all entries into one order."""
    merged = _merged([_read(file, page) for file in files], page)
    items = list(islice(merged, page.limit + 1))
    more = len(items) > page.limit
    following = page.order[0] + items[page.limit - 1][0] if more else None
    return [item.encode() for _, item in items[: page.limit]], following


def _read(file: Log, page: PageOf) -> Iterable[Item]:
    """Give what one log has of the page, in its order: rows and entries of blocks."""
    with file.snapshot() as log:
        if log is None:
            return []
        after, before = _span(page, log.source)
        of_blocks = _of_blocks(log, page, after, before)
        if len(of_blocks) > page.limit:  # only rows of before its end can be on the page as well
            end = _key_of(of_blocks[-1])
            after, before = (after, end) if page.order == "asc" else (end, before)
        return _merged([of_blocks, _rows(log, page, after, before)], page)


def _key_of(item: Item) -> Key:
    return int(item[0][:14], 16), int(item[0][22:], 16)


def _merged(found: Sequence[Iterable[Item]], page: PageOf) -> Iterable[Item]:
    some = [items for items in found if items]
    return some[0] if len(some) == 1 else heapq.merge(*some, reverse=page.order == "desc")


def _rows(log: Snapshot, page: PageOf, after: Key, before: Key) -> list[Item]:
    conditions, bindings = page.filters.conditions()
    sql = log.list_rows.format(conditions=conditions, direction=page.order, source=log.source)
    return list(log.connection.execute(sql, (*after, *before, *bindings, page.limit + 1)))


def _of_blocks(log: Snapshot, page: PageOf, after: Key, before: Key) -> list[Item]:
    """Read block after block, until no later one can hold what belongs on the page.

    Blocks of several writers overlap; of each, ``limit + 1`` entries are as many as can be needed.
    """
    selection = Selection(log, page.filters)
    descending = page.order == "desc"
    found: list[tuple[int, int, int]] = []  # time, number, place among the blocks
    blocks: list[Block] = []
    for edge_us, block in selection.blocks(after[0], before[0] + 1, page.order):
        if len(found) > page.limit and (
            found[-1][0] > edge_us if descending else found[-1][0] < edge_us
        ):
            break
        places = selection.places(block, after, before)
        some = places[-page.limit - 1 :] if descending else places[: page.limit + 1]
        keys = zip(block.time_us[some].tolist(), (some + block.first_seq).tolist(), strict=True)
        found = sorted([*found, *((*key, len(blocks)) for key in keys)], reverse=descending)
        del found[page.limit + 1 :]
        blocks.append(block)
    return _written(log, found, blocks, page)


def _written(
    log: Snapshot, found: Sequence[tuple[int, int, int]], blocks: Sequence[Block], page: PageOf
) -> list[Item]:
    renderer = Renderer(log.connection, log.source)
    seqs: defaultdict[int, list[int]] = defaultdict(list)
    for _, seq, number in found:
        seqs[number].append(seq)
    items = [
        renderer.items(blocks[number], np.array(some) - blocks[number].first_seq)
        for number, some in seqs.items()
    ]
    return list(_merged(items, page))


def _span(page: PageOf, source: int) -> tuple[Key, Key]:
    after, before = (page.filters.start_us, -1), (page.filters.end_us, -1)
    if page.cursor is None:
        return after, before
    passed = _passed(page.cursor, source)
    if page.order == "asc":
        return max(after, passed), before
    return after, min(before, passed)


def _passed(cursor: Cursor, source: int) -> Key:
    """Give the key in this log that stands where the cursor stands among all logs."""
    if source == cursor.source:
        return cursor.time_us, cursor.seq
    # Within one microsecond the logs follow each other by their numbers.
    return cursor.time_us, (-1 if source > cursor.source else _SEQ_MAX)


def _bad_cursor(code: str, detail: str) -> ClientelaError:
    return bad_parameter("cursor", code, detail)
