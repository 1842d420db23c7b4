"""The end of a log, and waiting for it to move."""

import asyncio

from clientela.feed.position import Position


class Tail:
    """The position of the last message; belongs to one event loop.

    ``turns`` counts how often it went back, what it led to before is another history then, and how
    often it was interrupted.
    """

    def __init__(self, position: Position) -> None:
        self.position = position
        self.turns = 0
        self.closing = False
        self._waiters: dict[asyncio.Future[None], None] = {}  # those who came first wake first

    def advance(self, position: Position) -> None:
        """Move the end and wake everyone who waits for it."""
        self.turns += position < self.position
        self.position = position
        self._wake()

    def close(self) -> None:
        """Wake everyone for the last time: live answers end."""
        self.closing = True
        self._wake()

    def interrupt(self) -> None:
        """End what waits: whoever comes again is told how it is then."""
        self.turns += 1
        self._wake()

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, {}
        for waiter in waiters:
            _end(waiter)

    async def beyond(self, position: Position, *, timeout_s: float) -> bool:
        """Wait until the end is beyond ``position``; False if time or an interruption is first."""
        if self.position > position:
            return True
        loop = asyncio.get_running_loop()
        deadline_s, turns = loop.time() + timeout_s, self.turns
        while (
            self.position <= position
            and not self.closing
            and self.turns == turns
            and loop.time() < deadline_s
        ):
            # Thousands wait here at once: a future and a timer cost a third of asyncio.timeout.
            waiter = loop.create_future()
            timer = loop.call_at(deadline_s, _end, waiter)
            self._waiters[waiter] = None
            try:
                await waiter
            finally:
                timer.cancel()
                self._waiters.pop(waiter, None)
        return self.position > position


def _end(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
