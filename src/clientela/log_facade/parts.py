"""Where a request's time goes: ``with timing("db"): …`` adds to the running request's parts."""

import random
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar, Token
from types import TracebackType

from clientela.log_facade.record import NO_TRACE

_ZERO_TRACE = b"0" * 32
_ZERO_SPAN = b"0" * 16
_TRACEPARENT_BYTES = 55  # 2-32-16-2 hexadecimal digits and three dashes
_LOWER_HEX = frozenset(b"0123456789abcdef")


class Running:
    """The request being served in this context: its parts in nanoseconds, its trace.

    ``trace_id`` is ``NO_TRACE`` until a caller gives one, or somebody asks for it.
    """

    __slots__ = ("parts_ns", "trace_id")

    def __init__(self, trace_id: bytes) -> None:
        self.trace_id = trace_id
        self.parts_ns: dict[str, int] | None = None


_running: ContextVar[Running | None] = ContextVar("clientela_running_request", default=None)


class timing:  # noqa: N801 - it reads as a verb, like contextlib.suppress
    """Measure a block as the part ``name`` of the running request; outside a request, nothing.

    The same name adds up. A part inside another part counts in both.
    """

    __slots__ = ("_clock", "_name", "_started")

    def __init__(self, name: str, clock: Callable[[], int] = time.perf_counter_ns) -> None:
        self._name = name
        self._clock = clock

    def __enter__(self) -> None:
        self._started = self._clock()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        add_part(self._name, self._clock() - self._started)


def add_part(name: str, duration_ns: int) -> None:
    """Add a duration that was measured elsewhere; nanoseconds."""
    running = _running.get()
    if running is None:
        return
    parts = running.parts_ns
    if parts is None:
        running.parts_ns = {name: duration_ns}
    else:
        parts[name] = parts.get(name, 0) + duration_ns


def enter_request(running: Running) -> Token[Running | None]:
    """Make ``running`` the request of this context."""
    return _running.set(running)


def leave_request(token: Token[Running | None]) -> None:
    """Undo ``enter_request``."""
    _running.reset(token)


def traceparent() -> str | None:
    """Give the header that carries the running request's trace to the next service, if any."""
    running = _running.get()
    if running is None:
        return None
    if running.trace_id == NO_TRACE:
        running.trace_id = _new_trace()
    return f"00-{running.trace_id.hex()}-{random.getrandbits(64) | 1:016x}-00"


def trace_of(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Read the trace id (16 bytes) of a W3C ``traceparent`` header; else it is ``NO_TRACE``."""
    found = None
    for name, value in headers:
        if name == b"traceparent":
            if found is not None:
                return NO_TRACE  # two parents are none
            found = value
    return NO_TRACE if found is None else parse_traceparent(found) or NO_TRACE


def _new_trace() -> bytes:
    """Make a trace id; it labels and need not be secret."""
    return (random.getrandbits(128) | 1).to_bytes(16, "big")


def parse_traceparent(value: bytes) -> bytes | None:
    """Read the trace id (16 bytes) of a header's value; None for one that is wrong.

    It is judged by W3C Trace Context, section 3.2: later versions may append fields.
    """
    if len(value) < _TRACEPARENT_BYTES or (
        len(value) > _TRACEPARENT_BYTES
        and (value[:2] == b"00" or value[_TRACEPARENT_BYTES : _TRACEPARENT_BYTES + 1] != b"-")
    ):
        return None
    fields = value[:_TRACEPARENT_BYTES].split(b"-")
    if [len(field) for field in fields] != [2, 32, 16, 2]:
        return None
    version, trace_id, span_id, flags = fields
    if version == b"ff" or trace_id == _ZERO_TRACE or span_id == _ZERO_SPAN:
        return None
    if not _LOWER_HEX.issuperset(version + trace_id + span_id + flags):
        return None
    return bytes.fromhex(trace_id.decode())
