"""What the feed serves: any ordered log of messages with positions."""

from typing import NamedTuple, Protocol

from clientela.errors import ClientelaError
from clientela.feed.position import Position
from clientela.feed.tail import Tail


class Batch(NamedTuple):
    """Messages that follow a position; ``end`` is the position of the last of them.

    ``edition`` changes when messages are taken out of the log; empty while none ever was.
    """

    messages: list[bytes]
    end: Position
    edition: str = ""


class Log(Protocol):
    """An append-only log; its positions never repeat and never change their meaning.

    Messages may be taken out of it (a person was erased): their positions have nothing then.
    """

    @property
    def identity(self) -> str:
        """Name the log; the same for ever, a part of its ETags."""
        ...

    @property
    def tail(self) -> Tail:
        """Give the end, which can be waited for."""
        ...

    @property
    def beginning(self) -> Position:
        """Give the position before the oldest message that is kept."""
        ...

    def check(self, position: Position) -> None:
        """Raise ClientelaError (``offset-gone``, ``history-diverged``) if it can't be read from."""
        ...

    async def read(self, after: Position, limit: int) -> Batch:
        """Give up to ``limit`` messages after a position that ``check`` has let pass.

        Raises ClientelaError (``offset-gone``) when the first of them is no longer kept.
        """
        ...


def diverged(position: Position) -> ClientelaError:
    """Say that the log has no such past: it was restored, or the position is of another log."""
    return ClientelaError(
        "history-diverged",
        f"The log never was at {position}, or no longer has what followed it: "
        "take a fresh copy and follow from there.",
    )


def gone(position: Position, beginning: Position) -> ClientelaError:
    """Say that the messages after a position are no longer kept."""
    return ClientelaError(
        "offset-gone",
        f"What followed {position} is no longer kept; the log begins at {beginning}: "
        "take a fresh copy and follow from there.",
    )
