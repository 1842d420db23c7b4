"""Writing server-sent events (WHATWG HTML, section 9.2; Durable Streams, section 5.8)."""

import re
from functools import lru_cache

from clientela.feed.position import Position

_LINE_END = re.compile(rb"\r\n|\r|\n")


def event(name: bytes, data: bytes) -> bytes:
    """Write an event; nothing in ``data`` can end it or begin another."""
    lines = b"".join(b"data:" + _guarded(line) + b"\n" for line in _LINE_END.split(data))
    return b"event: " + name + b"\n" + lines + b"\n"


def _guarded(line: bytes) -> bytes:
    """Give a line of data; readers take one leading space away, so its own needs another."""
    return b" " + line if line.startswith(b" ") else line


@lru_cache(maxsize=256)  # followers at one position are told the same
def control(after: Position, cursor: str, *, up_to_date: bool) -> bytes:
    """Write the event that tells where the follower is now."""
    fields = f'"streamNextOffset":"{after}","streamCursor":"{cursor}"'
    more = ',"upToDate":true' if up_to_date else ""
    return event(b"control", f"{{{fields}{more}}}".encode())
