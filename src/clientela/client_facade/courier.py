"""Carrying writes to the server: what arrives while a request is under way shares the next one.

A write that finds nothing under way goes at once. One request at a time keeps writes in the order
in which they came in, and costs each of them a part of a request, not a whole one.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from contextvars import Context, copy_context
from typing import NamedTuple, Protocol

import msgspec

from clientela import limits
from clientela.client_facade.upstream import NEVER_TAKEN, UpstreamError
from clientela.clients.writes import Receipt, Write
from clientela.errors import ClientelaError


class Line(Protocol):
    """What carries one request: ``clientela.client_facade.upstream.Upstream``."""

    async def write(self, writes: Sequence[Write], actor: str | None) -> list[Receipt]:
        """Have the server decide; raises UpstreamError when its answer did not come."""
        ...


class _Parcel(NamedTuple):
    """The writes of one caller, who waits for their receipts."""

    writes: Sequence[Write]
    actor: str | None
    size: int
    receipts: asyncio.Future[list[Receipt]]
    context: Context


class Courier:
    """Belongs to the event loop's thread."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._waiting: deque[_Parcel] = deque()
        self._waiting_items = 0
        self._under_way: asyncio.Task[None] | None = None

    async def write(self, writes: Sequence[Write], actor: str | None = None) -> list[Receipt]:
        """Have the server decide; gives the receipts of these writes, in their order.

        ``actor`` is the one person whose they are, where that is known.

        Raises UpstreamError when its answer did not come, or when the request before failed, and
        these were not sent (``unsent``); ClientelaError for what the server answers to them all,
        and ``overloaded`` when too many wait.
        """
        if self._waiting_items + len(writes) > limits.WRITE_QUEUE_ITEMS_MAX:
            raise ClientelaError("overloaded", "Too many writes wait: try again in a moment.")
        receipts: asyncio.Future[list[Receipt]] = asyncio.get_running_loop().create_future()
        size = len(msgspec.json.encode(writes))
        self._waiting.append(_Parcel(writes, actor, size, receipts, copy_context()))
        self._waiting_items += len(writes)
        if self._under_way is None:
            self._set_out()
        return await receipts

    def _set_out(self) -> None:
        load = self._take()
        if not load:
            self._under_way = None
            return
        # In the first one's context: the request carries its trace, for it can carry but one.
        carrying = self._carry(load)
        self._under_way = asyncio.create_task(carrying, context=load[0].context)

    def _take(self) -> list[_Parcel]:
        """Take what one request can hold: all of one person, and all that one caller sent."""
        load: list[_Parcel] = []
        items = size = 0
        while self._waiting:
            parcel = self._waiting[0]
            items, size = items + len(parcel.writes), size + parcel.size
            too_much = items > limits.WRITES_PER_REQUEST_MAX or size > limits.BATCH_BODY_BYTES_MAX
            if load and (too_much or parcel.actor != load[0].actor):
                break
            self._waiting.popleft()
            self._waiting_items -= len(parcel.writes)
            if not parcel.receipts.done():  # a caller that left has cancelled its future
                load.append(parcel)
        return load

    async def _carry(self, load: Sequence[_Parcel]) -> None:
        try:
            await self._deliver(load)
        except UpstreamError as error:
            # Who came later is not kept waiting for a line that is down, and stays behind these.
            behind, self._waiting = self._waiting, deque()
            self._waiting_items = 0
            _fail(load, error)
            _fail(behind, UpstreamError(str(error), unsent=True))
        except Exception as error:  # noqa: BLE001 - each caller is told, and the next load goes on
            _fail(load, error)
        self._set_out()

    async def _deliver(self, load: Sequence[_Parcel]) -> None:
        try:
            writes = [write for parcel in load for write in parcel.writes]
            receipts = await self._line.write(writes, load[0].actor)
        except ClientelaError as error:
            if error.code not in NEVER_TAKEN or len(load) == 1:
                _fail(load, error)
                return
            for parcel in load:  # what is wrong with one caller's writes is not told to another
                await self._deliver([parcel])
        else:
            _hand_over(load, receipts)


def _hand_over(load: Sequence[_Parcel], receipts: list[Receipt]) -> None:
    start = 0
    for parcel in load:
        end = start + len(parcel.writes)
        if not parcel.receipts.done():
            parcel.receipts.set_result(receipts[start:end])
        start = end


def _fail(load: Iterable[_Parcel], error: Exception) -> None:
    for parcel in load:
        if not parcel.receipts.done():
            parcel.receipts.set_exception(error)
