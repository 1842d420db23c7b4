"""What a question about the log is limited to, and its conditions in SQL."""

from dataclasses import dataclass
from typing import Any

from clientela.log_facade.database import Connection

Bindings = list[Any]

ANY_ERROR = "*"

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
    not_routes: tuple[str, ...] = ()
    status: tuple[int, int] | None = None  # the lowest and the highest
    trace_id: bytes | None = None
    min_latency_us: int | None = None
    max_latency_us: int | None = None
    error: str | None = None  # a part of an exception's name, in any case; ANY_ERROR is any at all

    @property
    def answered_by_histograms(self) -> bool:
        """Tell whether histograms know enough; else entries are read."""
        unknown = (self.trace_id, self.min_latency_us, self.max_latency_us, self.error)
        return all(value is None for value in unknown)

    @property
    def start_us(self) -> int:
        """Give the first microsecond that counts."""
        return 0 if self.from_us is None else self.from_us

    @property
    def end_us(self) -> int:
        """Give the first microsecond that counts no more."""
        return TIME_US_MAX if self.to_us is None else self.to_us

    def wants_error(self, error: str | None) -> bool:
        """Tell whether an entry's error is one that is asked for, as the condition in SQL does."""
        if self.error is None:
            return True
        return error is not None and self._part_of_error.lower() in error.lower()

    @property
    def _part_of_error(self) -> str:
        return "" if self.error == ANY_ERROR else self.error or ""

    def series_ids(self, connection: Connection) -> list[int] | None:
        """Look up the series that are asked for; None when all are."""
        conditions = self._series()
        if not conditions:
            return None
        them = " AND ".join(condition for condition, _ in conditions)
        sql = f"SELECT id FROM series WHERE {them}"  # noqa: S608 - ours
        return [number for (number,) in connection.execute(sql, [v for _, v in conditions])]

    def conditions(self) -> tuple[str, Bindings]:
        """Give everything but time, as SQL that begins with AND, for entries and histograms."""
        series = self._series()
        low, high = self.status or (None, None)
        rest = _given(
            ("status >= ?", low),
            ("status <= ?", high),
            ("trace_id = ?", self.trace_id),
            ("latency_us >= ?", self.min_latency_us),
            ("latency_us <= ?", self.max_latency_us),
            # instr, for LIKE would take _ and % for more than themselves; of NULL it is NULL.
            (
                "instr(lower(error), lower(?)) > 0",
                None if self.error is None else self._part_of_error,
            ),
        )
        sql = "".join(f" AND {condition}" for condition, _ in rest)
        if series:  # few, and looked up once
            them = " AND ".join(condition for condition, _ in series)
            sql = f" AND series IN (SELECT id FROM series WHERE {them}){sql}"  # noqa: S608 - ours
        return sql, [value for _, value in (*series, *rest)]

    def _series(self) -> list[tuple[str, Any]]:
        return _given(
            ("facade = ?", self.facade),
            ("method = ?", self.method),
            ("route = ?", self.route),
            *(("route <> ?", route) for route in self.not_routes),
        )


def _given(*conditions: tuple[str, Any]) -> list[tuple[str, Any]]:
    return [(sql, value) for sql, value in conditions if value is not None]
