"""Recording off the request's path: an append in memory, and a thread that writes batches.

Invariants: at most ``entries_max`` requests wait; each is written once, or counted as dropped;
nothing here raises into a request. What the database refuses goes on waiting, within the same
bound: it is written when the disk is well again.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from clientela import limits
from clientela.errors import StartupError
from clientela.log_facade import hot, packing
from clientela.log_facade.batch import Batch
from clientela.log_facade.database import AwayError
from clientela.log_facade.hot import HotAppend
from clientela.log_facade.names import SeriesKey, Vocabulary
from clientela.log_facade.packing import Packed
from clientela.log_facade.record import Record
from clientela.log_facade.store import LogStore

_log = logging.getLogger(__name__)

Listener = Callable[[Batch], None]
"""Hears each request once, in the writing thread, whether or not it can be written."""

Context = Callable[[], tuple[int | None, int | None]]
"""What a host knows of itself: its replica's lag (ms) and its outbox's depth; None: has none."""


def no_context() -> tuple[int | None, int | None]:
    """Know neither."""
    return None, None


class Recorder:
    """Takes records from any thread; writes them to the store that ``open_store`` gives.

    ``is_gone`` tells whether the file of the opened store was removed or replaced; ``context`` is
    asked once a flush, in the writing thread, for all hot requests of that flush.
    """

    def __init__(
        self,
        open_store: Callable[[], LogStore],
        *,
        is_gone: Callable[[], bool] = lambda: False,
        listeners: Sequence[Listener] = (),
        context: Context = no_context,
        entries_max: int = limits.LOG_BUFFER_ENTRIES_MAX,
        flush_interval_s: float = limits.LOG_FLUSH_INTERVAL_S,
        wall_ns: Callable[[], int] = time.time_ns,
        stamp_ns: Callable[[], int] = time.perf_counter_ns,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open_store = open_store
        self._is_gone = is_gone
        self._listeners = listeners
        self._context = context
        self._entries_max = entries_max
        self._flush_interval_s = flush_interval_s
        self._wall_ns = wall_ns
        self._stamp_ns = stamp_ns
        self._clock = clock
        self._vocabulary = Vocabulary()
        self._waiting: list[Packed] = []
        self._waiting_hot: list[bytes] = []
        self._unwritten: deque[Batch] = deque()  # heard by the listeners, not yet written
        self._unwritten_entries = 0
        self._lost = 0
        self._told = 0  # of the dropped: how many the database knows of
        self._warned = 0  # of the dropped: how many the program's log tells of
        self._warn_at = 0.0
        self._try_at = 0.0
        self._store: LogStore | None = None
        self._failure: str | None = None
        self._writing = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def append(self, record: Record) -> None:
        """Take one record; when too many wait already, count it as dropped.

        Raises struct.error for a record whose numbers aren't.
        """
        if len(self._waiting) + self._unwritten_entries >= self._entries_max:
            self._lost += 1
        else:
            self._waiting.append(packing.pack(record, self._vocabulary))

    def hot(self, series: SeriesKey, status: int) -> HotAppend:
        """Give a function that takes requests of one series and status, at a third of the cost."""
        number = self._vocabulary.series.number(series)
        return hot.hot_append(self._waiting_hot, self._entries_max, self.lose, number, status)

    def lose(self) -> None:
        """Count a record that could not be made."""
        self._lost += 1

    @property
    def waiting(self) -> int:
        """Say how many records are in memory only."""
        return len(self._waiting) + len(self._waiting_hot) + self._unwritten_entries

    @property
    def dropped(self) -> int:
        """Say how many records this process has dropped."""
        return self._lost

    @property
    def dropped_unwritten(self) -> int:
        """Say how many of the dropped the database doesn't know of yet."""
        return self.dropped - self._told

    @property
    def failure(self) -> str | None:
        """Say why the last batch could not be written, if so."""
        return self._failure

    def start(self, *, whatever: bool = False) -> None:
        """Open the store and begin to write; ``whatever`` is wrong with it: it is tried again.

        Raises StartupError when it is another program's, or can't be used; one that is only away
        is tried again.
        """
        if self._thread is not None:
            return
        try:
            self._store = self._open_store()
        except StartupError as error:
            if not whatever and not isinstance(error, AwayError):
                raise
            self._failed(error)
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name="latency-log", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write what waits, then stop; may be called twice."""
        self._stop.set()
        if self._ended():
            self._try_at = 0  # what has failed before gets a last try
        self.flush()
        with self._writing:
            if self._unwritten:
                _log.warning("%d log entries could not be written", self._unwritten_entries)
                self._lost += self._unwritten_entries
                self._unwritten.clear()
                self._unwritten_entries = 0
            self._close_store()

    def _ended(self) -> bool:
        """Let the thread finish; False: it waited for a Log DB in vain, and was cut off."""
        thread, self._thread = self._thread, None
        if thread is None:
            return True
        thread.join(limits.LOG_CLOSE_S)
        in_time, store = not thread.is_alive(), self._store
        if not in_time and store is not None:
            store.interrupt()
        thread.join()
        return in_time

    def _run(self) -> None:
        while not self._stop.wait(self._flush_interval_s):
            self.flush()
            self._tell_drops()

    def flush(self) -> None:
        """Write what waits now, in transactions of a bounded size; never raises."""
        with self._writing:
            self._hear()
            if self._clock() < self._try_at:
                return
            now_us = self._wall_ns() // 1_000
            try:
                while self._unwritten or self.dropped_unwritten:
                    self._write_some(now_us)
            except Exception as error:  # noqa: BLE001 - whatever it is, requests go on
                self._failed(error)
            else:
                self._recovered()
                self._prune(now_us)

    def _hear(self) -> None:
        """Make columns of what waits, and let the listeners have them."""
        made = [*self._hot_batches(), *self._record_batches()]
        if not made:
            return
        heard = Batch.join(made).by_time()
        for listener in self._listeners:
            try:
                listener(heard)
            except Exception:  # noqa: BLE001 - one that fails costs nobody an entry
                _log.exception("a listener of the latency log failed")
        self._keep(heard)

    def _hot_batches(self) -> Iterator[Batch]:
        packed = self._waiting_hot[:]
        if packed:
            del self._waiting_hot[: len(packed)]  # what was appended meanwhile stays
            offset_ns = self._wall_ns() - self._stamp_ns()
            yield hot.batch_of(packed, self._vocabulary, offset_ns, self._asked_context())

    def _asked_context(self) -> tuple[int | None, int | None]:
        try:
            return self._context()
        except Exception:  # noqa: BLE001 - a host's callable may raise anything
            _log.exception("the latency log's context could not be asked")
            return no_context()

    def _record_batches(self) -> Iterator[Batch]:
        packed = self._waiting[:]
        del self._waiting[: len(packed)]
        for start in range(0, len(packed), limits.LOG_STEP_ENTRIES):
            yield packing.unpack(packed[start : start + limits.LOG_STEP_ENTRIES], self._vocabulary)
            time.sleep(0)  # requests get their turn

    def _keep(self, heard: Batch) -> None:
        """Put it behind what is unwritten, in batches of a bounded size."""
        room = self._entries_max - self._unwritten_entries
        if len(heard) > room:
            self._lost += len(heard) - room
            heard = heard.take(slice(room))
        self._unwritten_entries += len(heard)
        size = limits.LOG_BATCH_ENTRIES_MAX
        if self._unwritten and len(self._unwritten[-1]) + len(heard) <= size:
            heard = Batch.join([self._unwritten.pop(), heard])
        for start in range(0, len(heard), size):
            self._unwritten.append(heard.take(slice(start, start + size)))

    def _write_some(self, now_us: int) -> None:
        if self._store is not None and self._is_gone():
            _log.warning("the Log DB was removed: it is made anew")
            self._close_store()
        if self._store is None:
            self._store = self._open_store()
        batch = self._unwritten[0] if self._unwritten else packing.unpack([], self._vocabulary)
        untold = self.dropped_unwritten
        self._store.write(batch, dropped=untold, now_us=now_us)
        self._told += untold
        if self._unwritten:
            self._unwritten_entries -= len(self._unwritten.popleft())

    def _prune(self, now_us: int) -> None:
        if self._store is None:
            return
        try:
            self._store.prune(now_us)
        except Exception as error:  # noqa: BLE001 - it will be tried again
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        if self._failure is None:
            _log.warning("the latency log can't be written, entries wait in memory: %s", error)
        self._failure = f"{type(error).__name__}: {error}"
        self._try_at = self._clock() + limits.LOG_RETRY_S
        self._close_store()  # opening it anew looks whether the file is damaged

    def _recovered(self) -> None:
        if self._failure is not None:
            _log.warning("the latency log is written again; dropped so far: %d", self.dropped)
        self._failure = None

    def _close_store(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            try:
                store.close()
            except Exception as error:  # noqa: BLE001 - it is given up anyway
                _log.warning("the Log DB could not be closed: %s", error)

    def _tell_drops(self) -> None:
        """Say at most once a minute that entries were dropped."""
        dropped, now = self.dropped, self._clock()
        if dropped > self._warned and now >= self._warn_at:
            why = self._failure or "more requests than can be written"
            _log.warning("%d log entries were dropped: %s", dropped - self._warned, why)
            self._warned, self._warn_at = dropped, now + limits.LOG_DROPS_TOLD_INTERVAL_S
