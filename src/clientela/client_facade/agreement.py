"""The proof of being in step: the digests are compared, and what differs is put right.

A few rows are repaired while the feed goes on; what that does not mend, a fresh copy does. When the
register turns out to have another history than the one that was followed, the changes that it lost
are kept first.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from clientela import limits
from clientela.client_facade.divergence import Divergence
from clientela.client_facade.repair import Repair
from clientela.client_facade.replica import Replica
from clientela.client_facade.upstream import Upstream, UpstreamError
from clientela.clients.digest import to_hex
from clientela.errors import ClientelaError
from clientela.feed.position import Position

_log = logging.getLogger(__name__)

State = Literal["agreed", "checking", "differs", "unknown"]


class Agreement:
    """Belongs to the event loop's thread. ``clock`` gives seconds that only grow.

    ``reached`` is where and when the digests were last found to be the same.
    """

    def __init__(
        self,
        replica: Replica,
        upstream: Upstream,
        repair: Repair,
        divergence: Divergence,
        clock: Callable[[], float],
    ) -> None:
        self._replica = replica
        self._upstream = upstream
        self._repair = repair
        self._divergence = divergence
        self._clock = clock
        self.brought = 0  # the version up to which the replica holds what earlier lines brought
        self._repairs = 0
        self._mending: asyncio.Task[None] | None = None
        self._copied_at = float("-inf")
        self.state: State = "unknown"
        self.reached: tuple[Position, datetime] | None = None

    @property
    def rows_repaired(self) -> int:
        """Give the number of rows put right since the start."""
        return self._repair.rows_repaired

    @property
    def copy_is_due(self) -> bool:
        """Tell whether repairs were in vain; not too soon after the last copy."""
        rested = self._clock() - self._copied_at >= limits.COPY_AGAIN_S
        mended_in_vain = self._repairs >= limits.REPAIRS_BEFORE_COPY
        return self.state == "differs" and mended_in_vain and rested

    def begin_to_follow(self, version: int) -> None:
        """Note what the replica holds: what this line brings is no evidence of what it lost."""
        if self.state != "differs":
            self.brought = version

    def compare(self, position: Position, expected: int) -> None:
        """Compare the digests where both are known for the same position."""
        head = self._replica.head
        if head is None or head.position != position or not self._replica.settled:
            return
        if head.digest == expected:
            self.state = "agreed"
            self._repairs = 0
            self.reached = position, datetime.now(UTC)
            return
        if self.state != "differs":
            told = to_hex(head.digest), to_hex(expected)
            _log.error(
                "The replica differs from the register at %s (%s, %s): it is repaired.",
                position,
                *told,
            )
        self._begin_to_mend()

    def enter_epoch(self, before: Position, position: Position) -> None:
        """Give the place where both agreed its new name."""
        if self.reached is not None and self.reached[0] == before:
            self.reached = position, self.reached[1]

    def copying(self) -> None:
        """Note that a copy goes on: until its end there is nothing to compare."""
        self.state = "checking"

    def copied(self) -> None:
        """Note that a copy has ended."""
        self._copied_at = self._clock()
        self._repairs = 0

    async def keep_lost(self, up_to: int) -> None:
        """Keep what the register lost, before a copy replaces it; raises UpstreamError."""
        await self._divergence.keep_lost(up_to)

    async def count_for_ever(self) -> None:
        """Count the digest from the rows at the start and daily, in the background."""
        while True:
            if self._replica.settled:
                if not await self._repair.count():
                    self._begin_to_mend()
                await asyncio.sleep(limits.DIGEST_COUNT_INTERVAL_S)
            else:
                await asyncio.sleep(limits.RECONNECT_DELAY_S_MAX)

    def _begin_to_mend(self) -> None:
        self.state = "differs"
        if self._mending is None and self._repairs < limits.REPAIRS_BEFORE_COPY:
            self._mending = asyncio.create_task(self._mend())

    async def _mend(self) -> None:
        """Repair the rows that differ, while the feed goes on; then compare anew."""
        try:
            self._repairs += 1
            other_history = await self._divergence.found(self.brought)
            if other_history or not await self._repair.run():
                self._repairs = limits.REPAIRS_BEFORE_COPY
                return
            tip = await self._upstream.tip()
            self.state = "checking"
            self.compare(tip.position, tip.digest)
        except (UpstreamError, ClientelaError) as error:
            _log.warning("The repair was cut off, and begins again: %s", error)
            self._repairs -= 1
            await asyncio.sleep(limits.RECONNECT_DELAY_S_MAX)
        finally:
            self._mending = None
