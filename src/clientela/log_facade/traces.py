"""One trace over several services: the entries of this log, with those that it left elsewhere."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from clientela.log_facade.filters import Filters
from clientela.log_facade.logs import LogDb
from clientela.log_facade.queries import LogReader
from clientela.web.lists import Order, Page

Elsewhere = Callable[[str], Awaitable[Sequence[bytes]]]
"""Gives another service's entries of a trace (32 hexadecimal digits); none when it is away."""


async def nowhere(_trace_id: str) -> Sequence[bytes]:
    """Give no entries: this log is the only one."""
    return []


class _Named(msgspec.Struct):
    id: str  # begins with the time, so entries of all logs sort by it


_name_of = msgspec.json.Decoder(_Named).decode


class TraceReader(LogReader):
    """Reads Log DBs, and asks ``elsewhere`` when a trace is looked for."""

    def __init__(
        self,
        databases: Sequence[LogDb],
        *,
        elsewhere: Elsewhere,
        dropped_unwritten: Callable[[], int] = int,
    ) -> None:
        super().__init__(databases, dropped_unwritten=dropped_unwritten)
        self._elsewhere = elsewhere

    async def page(self, filters: Filters, order: Order, cursor: str | None, limit: int) -> Page:
        """Read a page of entries as JSON; what is elsewhere comes with the first."""
        page, following = await super().page(filters, order, cursor, limit)
        if filters.trace_id is None or cursor is not None:
            return page, following
        found = [*page, *await self._elsewhere(filters.trace_id.hex())]
        # Once each: a Log DB may be shared with the other service.
        entries = {_name_of(entry).id: entry for entry in found}
        return [entries[name] for name in sorted(entries, reverse=order == "desc")], following
