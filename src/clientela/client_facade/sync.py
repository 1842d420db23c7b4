"""Keeping a replica in step with its server: copy, follow, compare, and begin again after a fault.

Each round begins with what the replica holds: no copy, or an interrupted one, is (re)taken page by
page; then the feed is followed until the line breaks. A past that the server no longer has, and a
digest that differs, end in a fresh copy over the old one; no fault ends the loop.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Literal

import msgspec

from clientela import limits
from clientela.client_facade.divergence import Divergence
from clientela.client_facade.repair import Repair
from clientela.client_facade.replica import Replica
from clientela.client_facade.sse import Event
from clientela.client_facade.upstream import Tip, Upstream, UpstreamError, other_register
from clientela.clients import digest
from clientela.clients.changes import decode_change
from clientela.errors import ClientelaError
from clientela.feed.position import Position

_log = logging.getLogger(__name__)

State = Literal["live", "syncing", "offline"]
DigestState = Literal["agreed", "checking", "differs", "unknown"]


class _Control(msgspec.Struct, rename="camel"):
    stream_next_offset: str
    up_to_date: bool = False


_decode_control = msgspec.json.Decoder(_Control).decode
_decode_messages = msgspec.json.Decoder(list[msgspec.Raw]).decode


class Sync:
    """The loop, and what is known of the server; belongs to the event loop's thread.

    ``clock`` gives seconds that only grow; ``on_connected`` is called when the line is back.
    """

    def __init__(
        self,
        replica: Replica,
        upstream: Upstream,
        clock: Callable[[], float],
        on_connected: Callable[[], None],
        repair: Repair,
        divergence: Divergence,
    ) -> None:
        self._divergence = divergence
        self._brought = 0  # the version up to which the replica holds what earlier lines brought
        self._repair = repair
        self._repairs = 0
        self._mending: asyncio.Task[None] | None = None
        self._replica = replica
        self._on_connected = on_connected
        self._upstream = upstream
        self._upstream.register = replica.head.register if replica.head else None
        self._clock = clock
        self._heard_at: float | None = None  # the last word of the server
        self._in_step_at: float | None = None  # when the server was last known to be no further
        self._connected = False
        self._copied_at = float("-inf")
        self.server_position: Position | None = None
        self.digest_state: DigestState = "unknown"
        self.agreed_at: tuple[Position, datetime] | None = None
        self.last_error: str | None = None

    @property
    def state(self) -> State:
        """Give the one word for people."""
        if not self._connected or self._silence_s() > limits.OFFLINE_AFTER_S:
            return "offline"
        in_step = self._replica.settled and self._behind_none() and self.digest_state != "differs"
        return "live" if in_step else "syncing"

    @property
    def age_s(self) -> float | None:
        """Give the seconds since the server was last known to be no further; None for never."""
        return None if self._in_step_at is None else self._clock() - self._in_step_at

    @property
    def lag_ms(self) -> int | None:
        """Give 0 while live, otherwise the milliseconds since the replica was last in step."""
        if self.state == "live":
            return 0
        return None if self.age_s is None else int(self.age_s * 1000)

    @property
    def rows_repaired(self) -> int:
        """Give the number of rows put right since the start."""
        return self._repair.rows_repaired

    def now(self) -> float:
        """Give the present, in seconds of this loop's clock."""
        return self._clock()

    def known_in_step(self, position: Position, *, at: float) -> None:
        """Note that the server was no further than ``position``, which the replica holds."""
        self.server_position = max(self.server_position or position, position)
        if self._in_step_at is None or at > self._in_step_at:
            self._in_step_at = at

    @property
    def silent(self) -> bool:
        """Tell whether the server has missed its word: asking it would only be waiting."""
        return self._silence_s() > limits.LINE_SILENT_S

    def _silence_s(self) -> float:
        return float("inf") if self._heard_at is None else self._clock() - self._heard_at

    def _behind_none(self) -> bool:
        head = self._replica.head
        return head is not None and (
            self.server_position is None or head.position >= self.server_position
        )

    async def run(self) -> None:
        """Stay in step until cancelled."""
        delay_s = limits.RECONNECT_DELAY_S_MIN
        while True:
            began = self._clock()
            try:
                await self._round()
                delay_s = limits.RECONNECT_DELAY_S_MIN
            except Exception as error:  # noqa: BLE001 - whatever it was, the next round may go well
                self._note(error)
                if self._clock() - began > limits.RECONNECT_DELAY_S_MAX:
                    delay_s = limits.RECONNECT_DELAY_S_MIN
                # Facades that lost the server together should not come back in one instant.
                await asyncio.sleep(delay_s * random.uniform(0.5, 1))  # noqa: S311
                delay_s = min(2 * delay_s, limits.RECONNECT_DELAY_S_MAX)
            finally:
                self._connected = False

    def _note(self, error: Exception) -> None:
        told = str(error) or type(error).__name__
        if told != self.last_error:
            foreseen = isinstance(error, (UpstreamError, ClientelaError))
            _log.warning(
                "Out of touch with %s: %s",
                self._upstream.server,
                told,
                exc_info=None if foreseen else error,
            )
        self.last_error = told

    async def _round(self) -> None:
        if self._replica.copying:
            await self._copy()
        elif self._copy_is_due():
            await self._divergence.keep_lost(self._brought)
            await self._copy(because="the replica differs from it")
        try:
            await self._follow()
        except ClientelaError as error:
            if error.code not in ("history-diverged", "offset-gone"):
                raise
            if error.code == "history-diverged" and self._replica.head:
                await self._divergence.keep_lost(self._replica.head.position.version)
            await self._copy(because=f"the server's log no longer leads here ({error.code})")

    def _copy_is_due(self) -> bool:
        rested = self._clock() - self._copied_at >= limits.COPY_AGAIN_S
        mended_in_vain = self._repairs >= limits.REPAIRS_BEFORE_COPY
        return self.digest_state == "differs" and mended_in_vain and rested

    async def _mend(self) -> None:
        """Repair the rows that differ, while the feed goes on; then compare anew."""
        try:
            self._repairs += 1
            other_history = await self._divergence.found(self._brought)
            if other_history or not await self._repair.run():
                self._repairs = limits.REPAIRS_BEFORE_COPY
                return
            tip = await self._upstream.tip()
            self.digest_state = "checking"
            self._compare(tip.position, tip.digest)
        except (UpstreamError, ClientelaError) as error:
            _log.warning("The repair was cut off, and begins again: %s", error)
            self._repairs -= 1
            await asyncio.sleep(limits.RECONNECT_DELAY_S_MAX)
        finally:
            self._mending = None

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
        self.digest_state = "differs"
        if self._mending is None and self._repairs < limits.REPAIRS_BEFORE_COPY:
            self._mending = asyncio.create_task(self._mend())

    async def _copy(self, because: str | None = None) -> None:
        after = self._replica.copied_up_to
        while True:
            page, tip = await self._upstream.page(after)
            self._heard(tip.register)
            self.digest_state = "checking"
            if because:
                _log.warning("A fresh copy of the register: %s.", because)
                because = None
            await self._replica.take_page(page)
            if page.last:
                break
            after = self._replica.copied_up_to
        self._copied_at = self._clock()
        self._repairs = 0
        self._on_connected()  # what was accepted, and is in doubt since, is sent once more
        self._compare(tip.position, tip.digest)

    async def _follow(self) -> None:
        """Follow until the server closes; returns, too, when a fresh copy is due."""
        head = self._replica.head
        if head is None:
            raise UpstreamError("There is no copy to follow from.")
        if self.digest_state != "differs":
            self._brought = head.position.version
        async with aclosing(self._upstream.follow(head.position)) as followed:
            async for event in followed:
                if isinstance(event, Tip):
                    self._heard(event.register)
                    await self._keep_up(event.position)
                    self._compare(event.position, event.digest)
                else:
                    await self._take(event)
                if self._copy_is_due():
                    return

    async def _take(self, event: Event) -> None:
        self._heard(None)
        try:
            if event.name == "data":
                await self._take_changes([bytes(raw) for raw in _decode_messages(event.data)])
            elif event.name == "control":
                await self._take_control(_decode_control(event.data))
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
            raise UpstreamError(f"The feed can't be understood: {error}.") from error

    async def _take_changes(self, messages: list[bytes]) -> None:
        if not messages:
            return
        last = decode_change(messages[-1]).headers
        position = Position.parse(last.version)
        self.server_position = max(self.server_position or position, position)
        pending = self._replica.pending
        await self._replica.take_changes(messages)
        if self._replica.pending > pending:
            self._on_connected()  # a write that was accepted did not arrive: it is asked again
        self._compare(position, digest.from_hex(last.digest))

    async def _enter_epoch(self, position: Position) -> None:
        """Follow the server into an epoch that began where the replica is."""
        head = self._replica.head
        if head is None or head.position.version != position.version or head.position >= position:
            return
        await self._replica.enter_epoch(position)
        self._on_connected()
        if self.agreed_at is not None and self.agreed_at[0] == head.position:
            self.agreed_at = position, self.agreed_at[1]

    async def _take_control(self, control: _Control) -> None:
        if control.up_to_date:
            await self._keep_up(Position.parse(control.stream_next_offset))

    async def _keep_up(self, tail: Position) -> None:
        """Note that the server was at ``tail`` just now; a change alone does not tell that."""
        self.server_position = tail
        await self._enter_epoch(tail)
        if self._behind_none():
            self._in_step_at = self._clock()

    def _heard(self, register: str | None) -> None:
        """Note a word of the server; refuse to mix two registers."""
        head = self._replica.head
        if register is not None and head is not None and register != head.register:
            raise other_register(head.register, register)
        self._upstream.register = register or self._upstream.register
        if not self._connected:
            self._on_connected()
        self._connected = True
        self.last_error = None
        self._heard_at = self._clock()

    def _compare(self, position: Position, expected: int) -> None:
        """Compare the digests where both are known for the same position."""
        head = self._replica.head
        if head is None or head.position != position or not self._replica.settled:
            return
        if head.digest == expected:
            self.digest_state = "agreed"
            self._repairs = 0
            self.agreed_at = position, datetime.now(UTC)
            return
        if self.digest_state != "differs":
            _log.error("The replica differs from the register at %s: it is repaired.", position)
        self._begin_to_mend()
