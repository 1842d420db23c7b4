import asyncio
import time

import pytest

from clientela.log_facade import seconds
from clientela.log_facade.loop_lag import LoopLag


class Loop:
    """A clock whose sleeps last longer than asked by what is given, then end for good."""

    def __init__(self, *lates_s):
        self.now_s = 1_000.0
        self._lates_s = iter(lates_s)

    def clock(self):
        return self.now_s

    async def sleep(self, delay_s):
        late_s = next(self._lates_s, None)
        if late_s is None:
            raise asyncio.CancelledError
        self.now_s += delay_s + late_s


async def lag_of(*lates_s, **options):
    loop = Loop(*lates_s)
    lag = LoopLag(interval_s=0.1, clock=loop.clock, sleep=loop.sleep, **options)
    with pytest.raises(asyncio.CancelledError):
        await lag.run()
    return lag


async def test_a_lag_is_how_late_the_loop_wakes_those_who_wait():
    told = (await lag_of(0.001, 0.002, 0.003)).recent_us()

    assert (told.count, told.p50, told.max) == (3, pytest.approx(2_000), pytest.approx(3_000))


async def test_each_wake_up_that_a_held_loop_missed_counts():
    told = (await lag_of(1.05)).recent_us()

    assert told.count == 11
    assert told.max == pytest.approx(1_050_000)
    assert told.p50 == pytest.approx(550_000)


async def test_the_rate_stays_after_a_pause():
    told = (await lag_of(0.25, 0, 0)).recent_us()

    # 250, 150, 50 ms late; then due in 50 ms, and on time.
    assert (told.count, told.p50) == (5, pytest.approx(50_000))


async def test_a_timer_that_comes_early_is_not_late():
    assert (await lag_of(-0.001)).recent_us().max == 0


async def test_only_the_last_minutes_are_summed_up_but_all_is_exported():
    lag = await lag_of(0.05, *[0.001] * 20, kept_s=1)

    assert lag.recent_us().count == 10
    assert lag.recent_us().max == pytest.approx(1_000)
    assert lag.measured().counts.sum() == 21
    assert lag.measured().sum_us == pytest.approx(70_000)
    assert lag.measured().counts[seconds.slots_of([50_001])[0]] == 1


def test_before_the_first_sample_nothing_is_known():
    assert LoopLag().recent_us() is None


async def test_a_real_loop_that_is_held_is_late():
    lag = LoopLag(interval_s=0.01)
    running = asyncio.create_task(lag.run())
    await asyncio.sleep(0)
    time.sleep(0.1)  # noqa: ASYNC251 - that is the fault
    async with asyncio.timeout(30):
        while lag.recent_us() is None:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0)
    running.cancel()

    assert lag.recent_us().count >= 9
    assert lag.recent_us().max >= 80_000
