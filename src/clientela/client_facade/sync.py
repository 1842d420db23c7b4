"""Keeping a replica in step with its server: copy, follow, compare, and begin again after a fault.

Each round begins with what the replica holds: no copy, or an interrupted one, is (re)taken page by
page; then the feed is followed until the line breaks. A past that the server no longer has ends in
a fresh copy over the old one; no fault ends the loop.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import aclosing
from typing import Literal

import msgspec

from clientela import limits
from clientela.client_facade.agreement import Agreement
from clientela.client_facade.following import Following, Silence
from clientela.client_facade.replica import Replica
from clientela.client_facade.sse import Event
from clientela.client_facade.upstream import Tip, Upstream, UpstreamError, other_register
from clientela.clients import digest
from clientela.clients.changes import decode_change
from clientela.errors import ClientelaError
from clientela.feed.position import Position

_log = logging.getLogger(__name__)

State = Literal["live", "syncing", "offline"]


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
        agreement: Agreement,
    ) -> None:
        self._replica = replica
        self.agreement = agreement
        self._on_connected = on_connected
        self._upstream = upstream
        self.following = Following(upstream)
        self._upstream.register = replica.head.register if replica.head else None
        self._clock = clock
        self._heard_at: float | None = None  # the last word of the server
        self._in_step_at: float | None = None  # when the server was last known to be no further
        self._connected = False
        self.server_position: Position | None = None
        self.last_error: str | None = None

    @property
    def state(self) -> State:
        """Give the one word for people."""
        if not self._connected or self._silence_s() > limits.OFFLINE_AFTER_S:
            return "offline"
        differs = self.agreement.state == "differs"
        in_step = self._replica.settled and self._behind_none() and not differs
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
                self._upstream.move_on()
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
        elif self.agreement.copy_is_due:
            await self.agreement.keep_lost(self.agreement.brought)
            await self._copy(because="the replica differs from it")
        try:
            await self._follow()
        except ClientelaError as error:
            if error.code not in ("history-diverged", "offset-gone"):
                raise
            if error.code == "history-diverged" and self._replica.head:
                await self.agreement.keep_lost(self._replica.head.position.version)
            await self._copy(because=f"the server's log no longer leads here ({error.code})")

    async def _copy(self, because: str | None = None) -> None:
        after = self._replica.copied_up_to
        while True:
            page, tip = await self._upstream.page(after)
            self._heard(tip.register)
            self.agreement.copying()
            if because:
                _log.warning("A fresh copy of the register: %s.", because)
                because = None
            if page.last:
                await self._take_erasures()
            await self._replica.take_page(page)
            if page.last:
                break
            after = self._replica.copied_up_to
        self.agreement.copied()
        self._on_connected()  # what was accepted, and is in doubt since, is sent once more
        self.agreement.compare(tip.position, tip.digest)

    async def _take_erasures(self) -> None:
        """Hear who was erased: the log that told of it may be gone, and a copy does not tell.

        Before the copy's last page is taken, for a copy that is cut off goes on there; later
        erasures are in the feed, which goes on from the copy's first page.
        """
        while erasures := await self._upstream.erasures(self._replica.erased_up_to):
            await self._replica.take_erasures(erasures)

    async def _follow(self) -> None:
        """Follow until the server closes; returns, too, when a fresh copy is due."""
        head = self._replica.head
        if head is None:
            raise UpstreamError("There is no copy to follow from.")
        self.agreement.begin_to_follow(head.position.version)
        async with aclosing(self.following.follow(head.position)) as followed:
            async for event in followed:
                if isinstance(event, Tip):
                    self._heard(event.register)
                    await self._keep_up(event.position)
                    self.agreement.compare(event.position, event.digest)
                else:
                    await self._take(event)
                if self.agreement.copy_is_due:
                    return

    async def _take(self, event: Event | Silence) -> None:
        self._heard(None)
        if isinstance(event, Silence):
            await self._note_silence(event)
            return
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
        self.agreement.compare(position, digest.from_hex(last.digest))

    async def _enter_epoch(self, position: Position) -> None:
        """Follow the server into an epoch that began where the replica is."""
        head = self._replica.head
        if head is None or head.position.version != position.version or head.position >= position:
            return
        await self._replica.enter_epoch(position)
        self._on_connected()
        self.agreement.enter_epoch(head.position, position)

    async def _take_control(self, control: _Control) -> None:
        if control.up_to_date:
            await self._keep_up(Position.parse(control.stream_next_offset))

    async def _keep_up(self, tail: Position) -> None:
        """Note that the server was at ``tail`` just now; a change alone does not tell that."""
        self.server_position = tail
        await self._enter_epoch(tail)
        if self._behind_none():
            self._in_step_at = self._clock()

    async def _note_silence(self, silence: Silence) -> None:
        """Note that the server had nothing new, as a cache tells it."""
        await self._enter_epoch(silence.position)
        head = self._replica.head
        if head is not None and head.position >= silence.position:
            self.known_in_step(silence.position, at=self._clock() - silence.age_s)

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
