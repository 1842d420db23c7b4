"""Where the register's history and the replica's part ways, and what was lost there.

A register that was restored, or whose file was put back, has fewer changes than a facade that was
ahead, and may have taken others since. Before the facade forgets its own, it keeps those.
"""

import asyncio
import logging

from clientela import limits
from clientela.client_facade.replica import Replica
from clientela.client_facade.upstream import Upstream
from clientela.clients.changes import ChangeHeaders, decode_change
from clientela.clients.writes import Receipt
from clientela.errors import ClientelaError
from clientela.feed.position import Position

_log = logging.getLogger(__name__)


class Divergence:
    """Compares the changes held here with the register's; belongs to the event loop's thread."""

    def __init__(self, replica: Replica, upstream: Upstream) -> None:
        self._replica = replica
        self._upstream = upstream

    async def found(self, up_to: int) -> bool:
        """Tell whether the register has another history than the changes up to a version.

        Raises UpstreamError.
        """
        head = self._replica.head
        if head is None or not self._replica.readable or up_to <= head.beginning:
            return False
        return not await self._same(up_to)

    async def keep_lost(self, up_to: int) -> None:
        """Keep the changes up to a version that the register does not have. Raises UpstreamError.

        To be called before a copy: it forgets the changes held so far.
        """
        if not await self.found(up_to):
            return
        after = await self._last_in_common(up_to)
        known = await self._known(after, up_to)
        lost = await self._replica.keep_lost(after, up_to, known)
        _log.warning(
            "The register was put back to version %d: it has not %d changes that were held here. "
            "They are kept, see /sync/lost.",
            after,
            lost,
        )

    async def _last_in_common(self, newest: int) -> int:
        """Search from the newest change in growing steps: usually only a few were lost."""
        head = self._replica.head
        low = head.beginning if head else 0
        probe, high, step = newest, newest, 1
        while probe > low and not await self._same(probe):
            high = probe - 1
            probe, step = probe - step, 2 * step
        low = max(low, probe)
        while low < high:
            middle = (low + high + 1) // 2
            if await self._same(middle):
                low = middle
            else:
                high = middle - 1
        return low

    async def _same(self, version: int) -> bool:
        """Tell whether the register's change at a version is the one that is held here.

        Each change carries the digest of the whole register after it. Where one was erased, here
        or there, the one before tells.
        """
        while (held := self._replica.tables.last_change(version)) is not None:
            position, message = held
            try:
                theirs = await self._theirs(position)
            except ClientelaError as error:
                if error.code == "history-diverged":
                    return False
                if error.code == "offset-gone":
                    return True  # older than all that the register keeps
                raise
            if theirs is None or Position.parse(theirs.version).version == position.version:
                return theirs == decode_change(message).headers
            version = position.version - 1
        return True  # nothing is held that could be another

    async def _theirs(self, position: Position) -> ChangeHeaders | None:
        """Ask for the register's change at a position, or the next one where that was erased."""
        earlier = self._replica.tables.last_change(position.version - 1)
        before = earlier[0] if earlier else self._replica.log().beginning
        found = [decode_change(raw).headers for raw in await self._upstream.changes(before)]
        at = [one for one in found if Position.parse(one.version).version >= position.version]
        if not at:
            return None
        if Position.parse(at[0].version).version > position.version:
            await self._upstream.changes(position)  # raises when the register never was there
        return at[0]

    async def _known(self, after: int, up_to: int) -> dict[str, Receipt]:
        """Ask for the receipts of what may be lost: some writes were sent once more already."""
        known: dict[str, Receipt] = {}
        settled = self._replica.outbox.settled_between(after, up_to)
        known |= await self._receipts([entry.write.write_id for entry in settled])
        while page := self._replica.tables.changes(after, limits.LOST_RECEIPTS_AT_ONCE):
            changes = [decode_change(message) for at, message in page if at.version <= up_to]
            known |= await self._receipts([change.headers.write_id for change in changes])
            after = page[-1][0].version
        return known

    async def _receipts(self, write_ids: list[str]) -> dict[str, Receipt]:
        known: dict[str, Receipt] = {}
        for start in range(0, len(write_ids), limits.LOST_RECEIPTS_AT_ONCE):
            part = write_ids[start : start + limits.LOST_RECEIPTS_AT_ONCE]
            receipts = await asyncio.gather(*(self._upstream.receipt(key) for key in part))
            known |= {r.write_id: r for r in receipts if r is not None and r.outcome == "accepted"}
        return known
