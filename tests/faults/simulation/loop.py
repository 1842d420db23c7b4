"""An event loop whose time is simulated: waiting costs nothing, and each run is like the last."""

import asyncio
import random
import selectors
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_TURNS_AT_ONCE_MAX = 100_000  # turns of the loop without time passing: something spins
_EPOCH = datetime(2026, 7, 1, tzinfo=UTC)


class _NoSockets(selectors.BaseSelector):
    """A selector without sockets: to wait is to let the loop's time pass."""

    def __init__(self) -> None:
        self.loop: SimulatedLoop
        self._keys: dict[int, selectors.SelectorKey] = {}
        self._turns = 0

    def register(self, fileobj, events, data=None):
        key = selectors.SelectorKey(fileobj, fileobj, events, data)
        self._keys[fileobj] = key
        return key

    def unregister(self, fileobj):
        return self._keys.pop(fileobj)

    def get_map(self):
        return self._keys

    def select(self, timeout=None):
        if timeout is None:
            raise RuntimeError("nothing will ever happen again")
        if timeout > 0:
            self.loop.now_s += timeout
            self._turns = 0
        self._turns += 1
        if self._turns > _TURNS_AT_ONCE_MAX:
            raise AssertionError("a loop spins: time stands still")
        return []


class Worker:
    """Stands for a thread: does one thing after the other, each a moment later.

    One that is dead does nothing any more, as the threads of a process that was killed.
    """

    def __init__(self, loop: "SimulatedLoop", chance: random.Random) -> None:
        self._loop = loop
        self._chance = chance
        self._free_at = 0.0
        self._to_do: deque[tuple] = deque()
        self._to_tell: deque[tuple] = deque()
        self.alive = True
        self.at_work = 0

    def begin(self, work: Callable[[], object]) -> asyncio.Future:
        future = self._loop.create_future()
        self._to_do.append((work, future))
        self.at_work += 1
        self._free_at = max(self._free_at, self._loop.time()) + self._moment()
        self._loop.call_at(self._free_at, self._do)
        return future

    def _do(self) -> None:
        work, future = self._to_do.popleft()
        result, error = None, None
        try:
            if not self.alive:
                raise ConnectionAbortedError("the process is dead")  # noqa: TRY301
            result = work()
        except Exception as raised:  # noqa: BLE001 - it belongs to whoever waits
            error = raised
        # What is done on disk is done; who asked for it hears of it later, or dies before.
        self._to_tell.append((future, result, error))
        self._loop.call_later(self._moment(), self._tell)

    def _tell(self) -> None:
        future, result, error = self._to_tell.popleft()
        if not future.done():
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)
        self._loop.call_soon(self._rest)  # after whoever waits has heard

    def _rest(self) -> None:
        self.at_work -= 1

    def _moment(self) -> float:
        return self._chance.choice((0.0, 0.0005, 0.003))

    def shutdown(self, *_args, **_options) -> None:
        """There is no thread to end."""


class SimulatedLoop(asyncio.SelectorEventLoop):
    """Time passes when nothing is left to do at this moment; ``faults`` are unforeseen errors."""

    def __init__(self, chance: random.Random) -> None:
        self.now_s = 0.0
        self.faults: list[str] = []
        selector = _NoSockets()
        selector.loop = self
        super().__init__(selector)
        self._clock_resolution = 1e-6
        self._threads = Worker(self, chance)
        self.set_exception_handler(lambda _, context: self.faults.append(_told(context)))

    def time(self) -> float:
        return self.now_s

    def run_in_executor(self, executor, func, *args):
        worker = executor if isinstance(executor, Worker) else self._threads
        return worker.begin(lambda: func(*args))

    def run_for(self, seconds: float) -> None:
        """Let time pass."""
        self.run_until_complete(asyncio.sleep(seconds))


def _told(context: dict) -> str:
    error = context.get("exception")
    return f"{context['message']}: {error!r}"


class WallClock:
    """The time that a machine believes it is; it can jump."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self._loop = loop
        self.wrong_by_s = 0.0

    def now(self) -> datetime:
        return _EPOCH + timedelta(seconds=self._loop.time() + self.wrong_by_s)

    def now_ms(self) -> int:
        return int(self.now().timestamp() * 1000)


class Tasks:
    """The tasks of a process, which die together."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self._loop = loop
        self._running: dict[asyncio.Task, None] = {}

    def begin(self, work) -> asyncio.Task:
        task = self._loop.create_task(work)
        self._running[task] = None
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task) -> None:
        self._running.pop(task, None)
        if not task.cancelled() and task.exception() is not None:
            self._loop.faults.append(f"a task ended: {task.exception()!r}")

    def kill(self) -> None:
        """End all of them, whatever they still want to do."""
        dying = list(self._running)
        self._running.clear()
        for task in dying:
            task.remove_done_callback(self._ended)
            task.add_done_callback(_forget)
        for _ in range(20):
            for task in dying:
                task.cancel()
            self._loop.run_for(0.004)
            dying = [task for task in dying if not task.done()]
            if not dying:
                return
        raise AssertionError(f"tasks that can't be ended: {dying}")


def _forget(task: asyncio.Task) -> None:
    """Take note of how a killed task ended: nobody else does."""
    if not task.cancelled():
        task.exception()
