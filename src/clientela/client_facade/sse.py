"""Reading server-sent events (WHATWG HTML, section 9.2) from a stream of bytes."""

from collections.abc import AsyncIterator
from typing import NamedTuple


class Event(NamedTuple):
    """One event: its name and its data, lines joined by newlines."""

    name: str
    data: bytes


async def events(chunks: AsyncIterator[bytes]) -> AsyncIterator[Event]:
    """Give the events of a stream whose lines end in a newline; one that is cut off is not given.

    Raises ValueError for a name that is not UTF-8.
    """
    buffer = bytearray()
    async for chunk in chunks:
        searched = max(0, len(buffer) - 1)
        buffer += chunk
        while (end := buffer.find(b"\n\n", searched)) >= 0:
            yield _event(bytes(buffer[:end]))
            del buffer[: end + 2]
            searched = 0


def _event(block: bytes) -> Event:
    name, data = "message", []
    for line in block.split(b"\n"):
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"event":
            name = value.decode()
        elif field == b"data":
            data.append(value)
    return Event(name, b"\n".join(data))
