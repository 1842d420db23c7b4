"""What a question about the log is limited to, and its conditions in SQL."""

from dataclasses import dataclass
from typing import Any

Bindings = list[Any]

TIME_US_MAX = 2**62
"""Beyond every time that RFC 3339 can write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Times are microseconds since 1970, ``from_us`` ≤ time < ``to_us``; None is no limit."""

    from_us: int | None = None
    to_us: int | None = None
    facade: str | None = None
    method: str | None = None
    route: str | None = None
    status: tuple[int, int] | None = None  # the lowest and the highest
    trace_id: bytes | None = None
    min_latency_us: int | None = None
    max_latency_us: int | None = None

    @property
    def answered_by_histograms(self) -> bool:
        """Tell whether histograms know enough; else entries are read."""
        return self.trace_id is None and self.min_latency_us is None and self.max_latency_us is None

    @property
    def start_us(self) -> int:
        """Give the first microsecond that counts."""
        return 0 if self.from_us is None else self.from_us

    @property
    def end_us(self) -> int:
        """Give the first microsecond that counts no more."""
        return TIME_US_MAX if self.to_us is None else self.to_us

    def conditions(self) -> tuple[str, Bindings]:
        """Give everything but time, as SQL that begins with AND, for entries and histograms."""
        series = _given(
            ("facade = ?", self.facade), ("method = ?", self.method), ("route = ?", self.route)
        )
        low, high = self.status or (None, None)
        rest = _given(
            ("status >= ?", low),
            ("status <= ?", high),
            ("trace_id = ?", self.trace_id),
            ("latency_us >= ?", self.min_latency_us),
            ("latency_us <= ?", self.max_latency_us),
        )
        sql = "".join(f" AND {condition}" for condition, _ in rest)
        if series:  # few, and looked up once
            them = " AND ".join(condition for condition, _ in series)
            sql = f" AND series IN (SELECT id FROM series WHERE {them}){sql}"  # noqa: S608 - ours
        return sql, [value for _, value in (*series, *rest)]


def _given(*conditions: tuple[str, Any]) -> list[tuple[str, Any]]:
    return [(sql, value) for sql, value in conditions if value is not None]
