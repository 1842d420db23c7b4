"""The end of a log, and waiting for it to move."""

import asyncio

from clientela.feed.position import Position


class Tail:
    """The position of the last message; belongs to one event loop.

    ``turns`` counts how often it went back: what it led to before is another history then.
    """

    def __init__(self, position: Position) -> None:
        self.position = position
        self.turns = 0
        self.closing = False
        self._moved = asyncio.Event()

    def advance(self, position: Position) -> None:
        """Move the end and wake everyone who waits for it."""
        self.turns += position < self.position
        self.position = position
        self._wake()

    def close(self) -> None:
        """Wake everyone for the last time: live answers end."""
        self.closing = True
        self._wake()

    def _wake(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def beyond(self, position: Position, *, timeout_s: float) -> bool:
        """Wait until the end is beyond ``position``; False when the time passed first."""
        try:
            async with asyncio.timeout(timeout_s):
                while self.position <= position and not self.closing:
                    await self._moved.wait()
        except TimeoutError:
            return False
        return self.position > position
