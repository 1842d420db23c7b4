"""Putting a replica right where it differs from the register, without copying all of it.

The register's digests by ranges of ids show which ranges differ, those of their rows which rows;
just these are read again. Before anything is compared, the replica has reached the position at
which the register was summed up, and rows that changed after it are left to the feed.
"""

import asyncio
import logging
from functools import partial
from pathlib import Path

from clientela import limits
from clientela.client_facade.replica import Replica
from clientela.client_facade.upstream import Upstream, UpstreamError
from clientela.clients import digest
from clientela.feed.position import Position
from clientela.storage.digests import DigestRange, counted, rows_of, same_ranges, scan

_log = logging.getLogger(__name__)


class Repair:
    """Finds and mends differences; belongs to the event loop's thread.

    ``rows_repaired`` counts those since the start.
    """

    def __init__(self, replica: Replica, upstream: Upstream, database: Path) -> None:
        self._replica = replica
        self._upstream = upstream
        self._open_scan = partial(scan, database)
        self.rows_repaired = 0

    async def count(self) -> bool:
        """Count the digest anew from the rows; False when it was another, and is now corrected."""
        head, found = await asyncio.to_thread(counted, self._open_scan)
        if found == head.digest:
            return True
        _log.error("The replica's rows were changed behind its back: its digest is counted anew.")
        # Every change since kept the difference as it was, so it can be corrected at any time.
        await self._replica.correct_digest(digest.subtract(found, head.digest))
        return False

    async def run(self) -> bool:
        """Mend what differs; False when there is too much of it. Raises UpstreamError."""
        await self.count()
        ids = await self._differing_ids()
        if len(ids) > limits.REPAIR_ROWS_MAX:
            return False
        for client_id in ids:
            await self._mend(client_id)
        return True

    async def _differing_ids(self) -> list[str]:
        register = await self._upstream.digests()
        await self._reach(Position.parse(register.version))
        _, here = await asyncio.to_thread(same_ranges, self._open_scan, register.ranges)
        ids: list[str] = []
        for theirs, ours in zip(register.ranges, here, strict=True):
            if theirs.digest != ours.digest and len(ids) <= limits.REPAIR_ROWS_MAX:
                ids += await self._differing_in(theirs)
        return ids

    async def _differing_in(self, part: DigestRange) -> list[str]:
        register = await self._upstream.row_digests(part.after, part.last)
        at = Position.parse(register.version)
        await self._reach(at)
        here = await asyncio.to_thread(rows_of, self._open_scan, part.after, part.last)
        ours = {row.id: row for row in here.rows}
        newer = {row.id for row in here.rows if str(at) < row.version <= here.version}
        theirs = {row.id: row for row in register.rows}
        differing = {key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)}
        return sorted(differing - newer)

    async def _reach(self, position: Position) -> None:
        before = position._replace(version=position.version - 1)
        tail = self._replica.log().tail
        if not await tail.beyond(before, timeout_s=limits.REPLICA_WAIT_S):
            raise UpstreamError(f"The feed did not reach {position}: the repair comes later.")

    async def _mend(self, client_id: str) -> None:
        value, at = await self._upstream.client(client_id)
        await self._reach(at)
        if await self._replica.mend(client_id, value, at):
            self.rows_repaired += 1
            _log.warning("Repaired %s, which differed from the register at %s.", client_id, at)
