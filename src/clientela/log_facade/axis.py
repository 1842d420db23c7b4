"""The axis of a summary by time: how wide its groups are, and where each begins."""

from dataclasses import dataclass

from clientela import limits
from clientela.errors import bad_parameter

_MINUTE_S = 60
_DAY_S = 86_400
_SECOND_US = 1_000_000
# What people read on an axis of time, in seconds; a day's multiples follow.
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)
# Up to this range a finer axis than by the minute is worth reading the entries for.
_FINE_RANGE_S = 600


@dataclass(frozen=True, slots=True)
class Axis:
    """Groups of ``step_s`` seconds, each beginning at a multiple of it."""

    from_us: int
    to_us: int
    step_s: int

    @property
    def groups(self) -> int:
        """Say how many groups there are."""
        return len(self.starts_s())

    def starts_s(self) -> range:
        """Give where the groups begin, in seconds since 1970."""
        first_s = self.from_us // _SECOND_US // self.step_s * self.step_s
        return range(first_s, -(-self.to_us // _SECOND_US), self.step_s)


def axis_of(
    from_us: int,
    to_us: int,
    step_s: int | None,
    *,
    finest_s: int = 1,
    groups_max: int = limits.LOG_TIME_BUCKETS_MAX,
) -> Axis:
    """Make the axis with this step, or with one that suits a chart and is ``finest_s`` or more.

    Raises ClientelaError ``bad-parameter`` when there would be too many groups.
    """
    if step_s is None:
        return _chosen(from_us, to_us, finest_s)
    axis = Axis(from_us, to_us, step_s)
    if axis.groups > groups_max:
        detail = (
            f"step_s={step_s} would make {axis.groups} groups, of at most "
            f"{groups_max}: take a greater step_s, or a shorter time."
        )
        raise bad_parameter("step_s", "too-fine", detail)
    return axis


def _chosen(from_us: int, to_us: int, finest_s: int) -> Axis:
    range_s = (to_us - from_us) // _SECOND_US
    finest_s = max(finest_s, 1 if range_s <= _FINE_RANGE_S else _MINUTE_S)
    for step_s in _STEPS_S:
        axis = Axis(from_us, to_us, step_s)
        if step_s >= finest_s and axis.groups <= limits.LOG_TIME_BUCKETS_DEFAULT_MAX:
            return axis
    days = range_s // _DAY_S + 2  # the first and the last may be parts of a day
    return Axis(from_us, to_us, _DAY_S * -(-days // (limits.LOG_TIME_BUCKETS_DEFAULT_MAX - 1)))
