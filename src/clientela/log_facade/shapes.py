"""The JSON shapes of the log facade."""

import msgspec


class LogEntry(msgspec.Struct, forbid_unknown_fields=True):
    """One request. ``id`` sorts by time, and is unique over the logs of several facades.

    It is 32 hexadecimal digits: 14 of the time in microseconds since 1970, 8 that name the Log DB,
    10 of the entry's number in it. ``time`` is when the last byte was sent; the request came in
    ``latency_us`` before. ``error`` is an exception's class, or ClientDisconnected when the client
    left before the last byte (status 499 if nothing had been sent).
    """

    id: str
    time: str
    facade: str
    method: str
    route: str
    status: int
    latency_us: int
    parts: dict[str, int]
    bytes: int
    trace_id: str
    lag_ms: int | None
    outbox: int | None
    error: str | None


class Latencies(msgspec.Struct):
    """Microseconds; the percentiles are at most 4.4 % away from the exact ones."""

    p50: float
    p75: float
    p90: float
    p95: float
    p99: float
    p99_9: float
    max: int
    mean: float


class LogGroup(msgspec.Struct):
    """The requests of one route, facade, class of status or span of time."""

    key: str
    count: int
    errors: int
    error_rate: float
    latency_us: Latencies | None


class LogSummary(msgspec.Struct):
    """Requests in numbers. An error is a status of 500 or more; ``latency_us`` is null for none.

    ``dropped`` counts the entries of the time range that could not be kept, whatever their route.
    """

    from_: str | None = msgspec.field(name="from")
    to: str
    count: int
    errors: int
    error_rate: float
    latency_us: Latencies | None
    dropped: int
    groups: list[LogGroup] | msgspec.UnsetType = msgspec.UNSET


class Percentiles(msgspec.Struct):
    """Microseconds, at most 4.4 % away from the exact ones."""

    p50: float
    p95: float
    p99: float


class HeatmapColumn(msgspec.Struct):
    """The requests of one span of time, which begins at ``time``.

    ``cells`` counts them by row, the fastest first; ``latency_us`` is null for none.
    """

    time: str
    count: int
    cells: list[int]
    latency_us: Percentiles | None


class LogHeatmap(msgspec.Struct):
    """Requests by time and latency: ``step_s`` seconds in a column, without holes.

    ``bounds_us`` are the upper bounds of the rows, ascending, of those that occur and all between
    them; each row begins where the one before ends, the first at its bound divided by
    2^(1/``rows_per_octave``), or at 0 when its bound is 1.
    """

    from_: str | None = msgspec.field(name="from")
    to: str
    step_s: int
    rows_per_octave: int
    bounds_us: list[float]
    columns: list[HeatmapColumn]


class WindowNumbers(msgspec.Struct):
    """The requests of one window of time; ``latency_us`` is null for none."""

    count: int
    errors: int
    error_rate: float
    latency_us: Percentiles | None


class Ratios(msgspec.Struct):
    """A percentile divided by that of the other window: 2 is twice as slow."""

    p50: float
    p95: float
    p99: float


class Compared(msgspec.Struct):
    """One window (``now``) beside another (``against``); ``ratio`` is null when one is empty.

    ``slowdown`` is the geometric mean of the ratios, drawn towards 1 where requests are few: its
    logarithm is multiplied by n / (n + 100), n being the count of the window that has less.
    """

    now: WindowNumbers
    against: WindowNumbers
    ratio: Ratios | None
    slowdown: float


class ComparedGroup(Compared):
    """The requests of one route, facade or class of status in both windows."""

    key: str


class LogComparison(msgspec.Struct):
    """Two windows of time side by side; groups come by ``slowdown``, the most slowed down first."""

    from_: str = msgspec.field(name="from")
    to: str
    against_from: str
    against_to: str
    total: Compared
    groups: list[ComparedGroup]


SHAPES = (LogEntry, LogSummary, LogHeatmap, LogComparison)
