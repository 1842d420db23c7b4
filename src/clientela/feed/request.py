"""Reading a feed request: offset, live mode and cursor (Durable Streams, sections 5.6 to 5.8)."""

import time
from typing import Literal, NamedTuple

from starlette.datastructures import QueryParams

from clientela.errors import bad_parameter
from clientela.feed.position import Position

Live = Literal["long-poll", "sse"]
_NAMES = ("offset", "live", "cursor")  # the protocol has others be ignored
_CURSOR_EPOCH_S = 1_728_432_000  # 2024-10-09T00:00:00Z (section 10.1)
_CURSOR_CHARACTERS_MAX = 18  # ours have eight; what is longer never came from here


class FeedRequest(NamedTuple):
    """A request understood: ``offset`` is None for the beginning, ``now`` for the tail."""

    offset: Position | Literal["now"] | None
    live: Live | None
    cursor: str | None


def parse(query: QueryParams) -> FeedRequest:
    """Read the query; raises ClientelaError ``bad-parameter`` (400) that names what is wrong."""
    for name in _NAMES:
        if len(query.getlist(name)) > 1:
            raise bad_parameter(name, "repeated", f"Give {name} once.")
    live = _live(query.get("live"))
    if live and "offset" not in query:
        raise bad_parameter(
            "offset", "required", "Live modes need an offset: -1, now, or a position."
        )
    return FeedRequest(_offset(query.get("offset", "-1")), live, query.get("cursor"))


def _live(text: str | None) -> Live | None:
    if text is None:
        return None
    if text == "long-poll":
        return "long-poll"
    if text == "sse":
        return "sse"
    raise bad_parameter("live", "unknown", "live is long-poll or sse.")


def _offset(text: str) -> Position | Literal["now"] | None:
    if text == "-1":
        return None
    if text == "now":
        return "now"
    try:
        return Position.parse(text)
    except ValueError:
        raise bad_parameter(
            "offset",
            "malformed",
            "An offset is -1, now, or a position as given in Stream-Next-Offset.",
        ) from None


def next_cursor(given: str | None, *, interval_s: float) -> str:
    """Give the number of the present interval, or more than the follower's (section 10.1)."""
    present = int((time.time() - _CURSOR_EPOCH_S) // interval_s)
    if given and given.isascii() and given.isdigit() and len(given) <= _CURSOR_CHARACTERS_MAX:
        return str(max(present, int(given) + 1))
    return str(present)
