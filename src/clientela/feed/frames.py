"""What follows a position in a log, as a server-sent event: made once for all who stand there."""

from typing import NamedTuple

from clientela import limits
from clientela.feed import sse
from clientela.feed.codec import Codec
from clientela.feed.log import Log
from clientela.feed.position import Position


class Frame(NamedTuple):
    """A batch that follows ``after``; ``event`` is empty when a filter lets none of it pass."""

    after: Position
    tail: Position
    turns: int
    end: Position
    event: bytes


class Frames:
    """Reads a log for live followers, and remembers the last frame: most want the same."""

    def __init__(self, log: Log, codec: Codec) -> None:
        self.log = log
        self._codec = codec
        self._last: Frame | None = None

    async def following(self, after: Position) -> Frame:
        """Give what follows a position; raises ClientelaError when its past went (410)."""
        after = followed(self.log, after)
        tail, turns, frame = self.log.tail.position, self.log.tail.turns, self._last
        if after == tail:
            return Frame(after, tail, turns, after, b"")
        if frame is None or (frame.after, frame.tail, frame.turns) != (after, tail, turns):
            batch = await self.log.read(after, limits.FEED_BATCH_MESSAGES_MAX)
            event = b""
            if batch.messages:  # a filtered log may have none to tell of
                event = sse.event(b"data", self._codec.event_data(batch.messages))
            frame = self._last = Frame(after, tail, turns, batch.end, event)
        return frame


def followed(log: Log, position: Position) -> Position:
    """Check a position to read from; raises ClientelaError (410).

    Where nothing has followed since an older epoch, its position is the tail by another name.
    """
    log.check(position)
    tail = log.tail.position
    return tail if position.version == tail.version else position
