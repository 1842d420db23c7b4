"""What was aimed at, beside what was reached."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from report.results import Results
from report.statistics import median, ratio

OURS, SERVER, FEED = "clientela", "clientela-server", "clientela-feed"


@dataclass(frozen=True)
class Target:
    """A figure with its bound; ``reached`` gives None when it was not measured."""

    figure: str
    bound: float
    at: Literal["least", "most"]
    unit: str
    reached: Callable[[Results], float | None]

    @property
    def wanted(self) -> str:
        """Say the bound."""
        return f"{'≥' if self.at == 'least' else '≤'} {self.told(self.bound)}"

    def told(self, value: float) -> str:
        """Say a value with its unit."""
        digits = 0 if value >= 100 else 1 if value >= 10 else 2
        number = f"{value:.{digits}f}"
        number = number.rstrip("0").rstrip(".") if "." in number else number
        return f"{number}×" if self.unit == "×" else f"{number} {self.unit}"

    def is_met(self, value: float) -> bool:
        """Tell whether a value is within the bound."""
        return value >= self.bound if self.at == "least" else value <= self.bound


def _ratio(
    ours: str, ours_at: str, theirs: str, theirs_at: str | None = None
) -> Callable[[Results], float | None]:
    def reached(results: Results) -> float | None:
        a, b = results.rounds(ours_at, ours), results.rounds(theirs_at or ours_at, theirs)
        return ratio(a, b) if a and b else None

    return reached


def _median(figure: str, peer: str, scale: float = 1) -> Callable[[Results], float | None]:
    def reached(results: Results) -> float | None:
        values = results.rounds(figure, peer)
        return median(values) * scale if values else None

    return reached


def _times(figure: str, of: Callable[[Results], float | None], bound: float) -> Target:
    return Target(figure, bound, "least", "×", of)


_HOT, _RANDOM = "point_read_hot", "point_read_random"

TARGETS = [
    _times("point read, hot, of Fastify's", _ratio(OURS, _HOT, "fastify"), 3),
    _times("point read, random, of Fastify's", _ratio(OURS, _RANDOM, "fastify"), 3),
    _times("point read, hot, of FastAPI + SQLAlchemy's", _ratio(OURS, _HOT, "fastapi"), 70),
    _times("point read, hot, of nginx's fixed bytes", _ratio(OURS, _HOT, "nginx-return"), 0.6),
    _times("point read, random, of the same", _ratio(OURS, _RANDOM, "nginx-return"), 0.35),
    Target("p99 at half of the most", 1, "most", "ms", _median("latency_p99", OURS)),
    _times("list, unchanged, of Fastify's", _ratio(OURS, "list_unchanged", "fastify"), 20),
    _times("list, unchanged, of nginx's file", _ratio(OURS, "list_unchanged", "nginx-files"), 0.8),
    _times("list after a change, of Fastify's", _ratio(OURS, "list_changed", "fastify"), 6),
    _times("insert, one a request, of Fastify's", _ratio(SERVER, "insert_one", "fastify"), 2.5),
    _times("insert, 100 a request, rows, of Fastify's", _ratio(SERVER, "insert_hundred", "fastify"), 5),
    _times("insert through a facade, of direct", _ratio(OURS, "insert_one", SERVER), 0.35),
    _times("point read with the latency log, of without",
           _ratio(OURS, "log_switch", "clientela-without-log"), 0.93),
    Target("point read's time at 1,000,000 clients, of 1,000", 1.3, "most", "×",
           _ratio("few", "growth_read", "many")),
    Target("insert's time at 1,000,000 clients, of 1,000", 1.3, "most", "×",
           _ratio("few", "growth_insert", "many")),
    Target("start of a facade with 1,000,000 clients", 1.5, "most", "s",
           _median("facade_start", "many")),
    Target("1,000 followers have an insert, p99", 20, "most", "ms", _median("fan_out_1000_p99", FEED)),
    Target("the same, p50, of redis's", 1.6, "most", "×", _ratio(FEED, "fan_out_1000_p50", "redis")),
    Target("5,000 followers have an insert, p99", 100, "most", "ms", _median("fan_out_5000_p99", FEED)),
    Target("the same, p50, of redis's", 1.6, "most", "×", _ratio(FEED, "fan_out_5000_p50", "redis")),
    Target("memory per follower, of 1,000", 16, "most", "kB",
           _median("fan_out_1000_memory", FEED, 1 / 1_024)),
    Target("memory per follower, of 5,000", 16, "most", "kB",
           _median("fan_out_5000_memory", FEED, 1 / 1_024)),
]  # fmt: skip
