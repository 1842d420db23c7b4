"""How the messages of a log are written into answers.

The feed knows positions, waiting and headers; what stands between them is the codec's. The product
has one: JSON mode (Durable Streams, section 9.1).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple


class Codec(NamedTuple):
    """``body`` writes an answer's body, ``event_data`` the data of an SSE event.

    ``event_encoding`` is told as ``Stream-SSE-Data-Encoding`` (section 5.8); None for text.
    """

    media_type: str
    body: Callable[[Sequence[bytes]], bytes]
    event_data: Callable[[Sequence[bytes]], bytes]
    event_encoding: str | None = None


def _array(messages: Sequence[bytes]) -> bytes:
    return b"[" + b",".join(messages) + b"]"


JSON_ARRAY = Codec("application/json", _array, _array)
