"""How late the event loop is: what a request waits before anything here can see it.

A request's bytes lie in the kernel while another's code holds the loop. No stamp on the request
shows that; this does. The timers of uvloop are of whole milliseconds: less than two is none.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from math import ceil

import msgspec
import numpy as np
from numpy.typing import NDArray

from clientela import limits
from clientela.log_facade import seconds
from clientela.log_facade.exposition import Measured


class LoopLagUs(msgspec.Struct):
    """The last minutes, microseconds: since the start, an hour's trouble would vanish in days."""

    count: int
    p50: float
    p99: float
    max: float


class LoopLag:
    """Wakes at a fixed rate, and notes how late each time.

    A loop that was held for a second has missed ten wake-ups: each counts, as late as it would have
    been. Otherwise a long pause would count as one sample among many quick ones (coordinated
    omission). ``clock`` and ``sleep`` are in seconds.
    """

    def __init__(
        self,
        *,
        interval_s: float = limits.LOOP_LAG_INTERVAL_S,
        kept_s: float = limits.LOOP_LAG_KEPT_S,
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._interval_s = interval_s
        self._clock = clock
        self._sleep = sleep
        self._recent_us: deque[float] = deque(maxlen=round(kept_s / interval_s))
        self._counts = np.zeros(seconds.SLOTS, dtype=np.int64)
        self._sum_us = 0.0

    async def run(self) -> None:
        """Measure until cancelled; in the loop that is to be measured."""
        due_s = self._clock() + self._interval_s
        while True:
            await self._sleep(max(0.0, due_s - self._clock()))
            late_s = max(0.0, self._clock() - due_s)  # timers of whole milliseconds come early, too
            missed = int(late_s / self._interval_s)
            self._note((late_s - self._interval_s * np.arange(missed + 1)) * 1e6)
            due_s += self._interval_s * (missed + 1)

    def _note(self, lags_us: NDArray[np.floating]) -> None:
        self._recent_us.extend(lags_us[: self._recent_us.maxlen].tolist())
        slots = seconds.slots_of(np.ceil(lags_us).astype(np.int64))
        np.add.at(self._counts, slots, 1)
        self._sum_us += float(lags_us.sum())

    def recent_us(self) -> LoopLagUs | None:
        """Sum up the last minutes; None before the first sample. From any thread."""
        found = sorted(list(self._recent_us))  # noqa: C414 - the list is made in one step
        if not found:
            return None
        p50, p99 = (round(found[max(1, ceil(part * len(found))) - 1], 1) for part in (0.5, 0.99))
        return LoopLagUs(len(found), p50, p99, round(found[-1], 1))

    def measured(self) -> Measured:
        """Give all since the start, to be exported."""
        return Measured({}, self._counts.copy(), self._sum_us)
