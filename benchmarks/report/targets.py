"""What was aimed at, beside what was reached."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from report.results import Results
from report.statistics import ratio

OURS, SERVER, FEED = "clientela", "clientela-server", "clientela-feed"
NO_LOG = "clientela-without-log"

Reached = Callable[[Results], float | None]


@dataclass(frozen=True)
class Target:
    """A figure with its bound; ``reached`` gives None when it was not measured."""

    figure: str
    bound: float
    at: Literal["least", "most"]
    unit: str
    reached: Reached

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


def _ratio(ours: str, figure: str, theirs: str, *, to: str | None = None) -> Reached:
    """Compare a figure of ours with theirs, or with their figure ``to``."""

    def reached(results: Results) -> float | None:
        a, b = results.rounds(figure, ours), results.rounds(to or figure, theirs)
        return ratio(a, b) if a and b else None

    return reached


def _median(figure: str, peer: str) -> Reached:
    return lambda results: results.median(figure, peer)


def _times(figure: str, bound: float, of: Reached) -> Target:
    return Target(figure, bound, "least", "×", of)


def _at_most(figure: str, bound: float, unit: str, of: Reached) -> Target:
    return Target(figure, bound, "most", unit, of)


_HOT, _RANDOM = "point_read_hot", "point_read_random"

TARGETS = [
    _times("point read, hot, of Fastify's", 3, _ratio(OURS, _HOT, "fastify")),
    _times("point read, random, of Fastify's", 3, _ratio(OURS, _RANDOM, "fastify")),
    _times("point read, hot, of FastAPI + SQLAlchemy's", 70, _ratio(OURS, _HOT, "fastapi")),
    _times("point read, hot, of nginx's fixed bytes", 0.6, _ratio(OURS, _HOT, "nginx-return")),
    _times("point read, random, of the same", 0.35, _ratio(OURS, _RANDOM, "nginx-return")),
    _at_most("point read at half of the most, p99", 1, "ms", _median("latency_p99", OURS)),
    _times("list, unchanged, of Fastify's", 20, _ratio(OURS, "list_unchanged", "fastify")),
    _times("list, unchanged, of nginx's file", 0.8, _ratio(OURS, "list_unchanged", "nginx-files")),
    _times("list after a change, of Fastify's", 6, _ratio(OURS, "list_changed", "fastify")),
    _times("insert, one a request, of Fastify's", 2.5, _ratio(SERVER, "insert_one", "fastify")),
    _times("rows, 100 a request, of Fastify's one a request", 5,
           _ratio(SERVER, "insert_hundred", "fastify", to="insert_one")),
    _times("rows, 100 a request, of Fastify's bulk route", 5,
           _ratio(SERVER, "insert_hundred", "fastify")),
    _times("insert through a facade, of direct", 0.35, _ratio(OURS, "insert_one", SERVER)),
    _times("point read with the latency log, of without", 0.93, _ratio(OURS, "log_switch", NO_LOG)),
    _at_most("time of a point read, a million, of a thousand", 1.3, "×",
             _ratio("few", "growth_read", "many")),
    _at_most("time of an insert, a million, of a thousand", 1.3, "×",
             _ratio("few", "growth_insert", "many")),
    _at_most("start of a facade with a million", 1.5, "s", _median("facade_start", "many")),
    _at_most("1,000 followers, p99", 20, "ms", _median("fan_out_1000_p99", FEED)),
    _at_most("1,000 followers, p99, of redis's", 1.6, "×",
             _ratio(FEED, "fan_out_1000_p99", "redis")),
    _at_most("1,000 followers, memory each", 16, "kB", _median("fan_out_1000_memory", FEED)),
    _at_most("5,000 followers, p99", 100, "ms", _median("fan_out_5000_p99", FEED)),
    _at_most("5,000 followers, p99, of redis's", 1.6, "×",
             _ratio(FEED, "fan_out_5000_p99", "redis")),
    _at_most("5,000 followers, memory each", 16, "kB", _median("fan_out_5000_memory", FEED)),
]  # fmt: skip
