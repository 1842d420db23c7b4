"""What is known of one request when it has ended."""

import msgspec

NO_TRACE = bytes(16)
"""No caller gave one: it is made when the request is written."""


class Record(msgspec.Struct, gc=False, frozen=True):
    """One request, as the middleware hands it to the recorder.

    It holds no personal data: no path with ids, no query string, no body, no message of an error.
    """

    time_us: int  # when the last byte was sent: microseconds since 1970, UTC
    facade: str
    method: str
    route: str  # the template: "/client/writes/{write_id}"
    status: int
    latency_us: int  # from receipt to the last byte sent
    parts_ns: dict[str, int] | None  # where the time went
    body_bytes: int
    trace_id: bytes  # 16 bytes; may be NO_TRACE
    lag_ms: int | None  # how far the host's replica was behind, if it has one
    outbox: int | None  # writes waiting in the host, if it has an outbox
    error: str | None  # the name of the exception's class
