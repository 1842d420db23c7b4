"""Sending the outbox: in the order of writing, in batches, one in flight."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import takewhile

from clientela import limits
from clientela.client_facade.outbox_tables import Entry
from clientela.client_facade.replica import Replica
from clientela.client_facade.upstream import NEVER_TAKEN, Upstream, UpstreamError
from clientela.clients.writes import Reason, Receipt
from clientela.errors import ClientelaError

_log = logging.getLogger(__name__)


class Sender:
    """The loop; belongs to the event loop's thread. ``now`` gives the time in UTC."""

    def __init__(self, replica: Replica, upstream: Upstream, now: Callable[[], datetime]) -> None:
        self._replica = replica
        self._upstream = upstream
        self._now = now
        self._wake = asyncio.Event()
        self._batch_items_max = limits.WRITES_PER_REQUEST_MAX
        self._delay_s = limits.RECONNECT_DELAY_S_MIN
        self.next_retry_at: datetime | None = None

    def wake(self) -> None:
        """Send at once: there is something new, or the line is back."""
        self._wake.set()

    async def run(self) -> None:
        """Send what is pending, again and again, until cancelled: no fault ends it."""
        while True:
            try:
                await self._turn()
            except Exception:  # noqa: BLE001 - whatever it was, the next turn may go well
                # A full disk, say, that does not even let an attempt be noted.
                _log.exception("The outbox could not be sent")
                await self._rest()

    async def _turn(self) -> None:
        self._wake.clear()
        entries = _of_one(self._replica.outbox.in_state("pending", self._batch_items_max))
        if not entries:
            await self._wake.wait()
            return
        try:
            await self._send(entries)
        except (UpstreamError, ClientelaError) as error:
            await self._failed(entries, error)

    async def _send(self, entries: list[Entry]) -> None:
        actor = entries[0].receipt.actor
        receipts = await self._upstream.write([entry.write for entry in entries], actor)
        await self._replica.settle(receipts)
        self._delay_s = limits.RECONNECT_DELAY_S_MIN
        self._batch_items_max = limits.WRITES_PER_REQUEST_MAX

    async def _failed(self, entries: list[Entry], error: UpstreamError | ClientelaError) -> None:
        if isinstance(error, ClientelaError) and error.code in NEVER_TAKEN:
            await self._isolate(entries, error)
            return
        try:
            await self._replica.tried(str(error), len(entries))
        except ClientelaError as untold:
            _log.warning("A sending in vain (%s) could not be noted: %s", error, untold)
        await self._rest()

    async def _rest(self) -> None:
        """Wait before the next sending, or until there is a reason to try at once."""
        self.next_retry_at = self._now() + timedelta(seconds=self._delay_s)
        try:
            async with asyncio.timeout(self._delay_s):
                await self._wake.wait()
        except TimeoutError:
            self._delay_s = min(2 * self._delay_s, limits.RECONNECT_DELAY_S_MAX)
        finally:
            self.next_retry_at = None

    async def _isolate(self, entries: list[Entry], error: ClientelaError) -> None:
        """Find the one write that the server can't take: it must not hold up all others."""
        if len(entries) > 1:
            self._batch_items_max = len(entries) // 2
            return
        (entry,) = entries
        _log.error("The server can't take the write %s: %s", entry.write.write_id, error)
        reason = Reason(error.code, error.detail)
        await self._replica.settle([_refused(entry.receipt, reason)])
        self._batch_items_max = limits.WRITES_PER_REQUEST_MAX


def _of_one(entries: list[Entry]) -> list[Entry]:
    """Give the first ones that one person wrote: a request can name but one."""
    return list(takewhile(lambda entry: entry.receipt.actor == entries[0].receipt.actor, entries))


def _refused(receipt: Receipt, reason: Reason) -> Receipt:
    return Receipt(
        receipt.write_id,
        receipt.client_id,
        receipt.operation,
        "refused",
        reason=reason,
        at=receipt.at,
        facade=receipt.facade,
        actor=receipt.actor,
    )
