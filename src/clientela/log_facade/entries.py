"""Lists of entries: pages by keyset, from several Log DBs merged by time.

SQLite makes the JSON: it does so without holding the interpreter up, so requests go on meanwhile.
"""

import heapq
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import apsw

from clientela.errors import ClientelaError, FieldError
from clientela.log_facade.files import LogFile
from clientela.log_facade.filters import Filters
from clientela.web.lists import Order, Page

_Key = tuple[int, int]
_Item = tuple[str, str]

_SEQ_MAX = 2**62
_CURSOR = re.compile(r"([ad])([0-9a-f]{14})([0-9a-f]{8})([0-9a-f]{10})")

# CROSS JOIN: entries first, in the order of their key. Both bounds are whole keys, so that each
# page begins where the one before ended and nothing is walked twice.
_PAGE = """
SELECT printf('%014x%08x%010x', time_us, {source}, seq) AS id, json_object(
  'id', printf('%014x%08x%010x', time_us, {source}, seq),
  'time', strftime('%Y-%m-%dT%H:%M:%S', time_us / 1000000, 'unixepoch')
    || printf('.%06dZ', time_us % 1000000),
  'facade', facade, 'method', method, 'route', route, 'status', status,
  'latency_us', latency_us, 'parts', json(coalesce(parts, '{{}}')), 'bytes', bytes,
  'trace_id', lower(hex(trace_id)), 'lag_ms', lag_ms, 'outbox', outbox, 'error', error)
FROM entries CROSS JOIN series ON series.id = entries.series
WHERE (time_us, seq) > (?, ?) AND (time_us, seq) < (?, ?){conditions}
ORDER BY time_us {direction}, seq {direction} LIMIT ?
"""


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


def read_page(files: Sequence[LogFile], page: PageOf) -> Page:
    """Read one page; times, sources and numbers together put all entries into one order."""
    found = [_read(file, page) for file in files]
    merged = found[0] if len(found) == 1 else heapq.merge(*found, reverse=page.order == "desc")
    items = list(islice(merged, page.limit + 1))
    more = len(items) > page.limit
    following = page.order[0] + items[page.limit - 1][0] if more else None
    return [item.encode() for _, item in items[: page.limit]], following


def _read(file: LogFile, page: PageOf) -> list[_Item]:
    with file.snapshot() as opened:
        return [] if opened is None else _select(*opened, page)


def _select(connection: apsw.Connection, source: int, page: PageOf) -> list[_Item]:
    after, before = _span(page, source)
    conditions, bindings = page.filters.conditions()
    sql = _PAGE.format(conditions=conditions, direction=page.order, source=source)
    return list(connection.execute(sql, (*after, *before, *bindings, page.limit + 1)))


def _span(page: PageOf, source: int) -> tuple[_Key, _Key]:
    after, before = (page.filters.start_us, -1), (page.filters.end_us, -1)
    if page.cursor is None:
        return after, before
    passed = _passed(page.cursor, source)
    if page.order == "asc":
        return max(after, passed), before
    return after, min(before, passed)


def _passed(cursor: Cursor, source: int) -> _Key:
    """Give the key in this log that stands where the cursor stands among all logs."""
    if source == cursor.source:
        return cursor.time_us, cursor.seq
    # Within one microsecond the logs follow each other by their numbers.
    return cursor.time_us, (-1 if source > cursor.source else _SEQ_MAX)


def _bad_cursor(code: str, detail: str) -> ClientelaError:
    return ClientelaError("bad-parameter", detail, errors=[FieldError("cursor", code, detail)])
