"""Recording off the request's path: an append in memory, and a thread that writes batches.

Invariants: at most ``entries_max`` records wait; each record is written once, or counted as
dropped; nothing here raises into a request. A batch that the database refuses is dropped and
counted, for a disk that stays full must not fill the memory too.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from clientela import limits
from clientela.log_facade.record import Record
from clientela.log_facade.store import LogStore

_log = logging.getLogger(__name__)


class Recorder:
    """Takes records from any thread; writes them to the store that ``open_store`` gives."""

    def __init__(
        self,
        open_store: Callable[[], LogStore],
        *,
        entries_max: int = limits.LOG_BUFFER_ENTRIES_MAX,
        flush_interval_s: float = limits.LOG_FLUSH_INTERVAL_S,
        wall_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._open_store = open_store
        self._entries_max = entries_max
        self._flush_interval_s = flush_interval_s
        self._wall_ns = wall_ns
        self._waiting: deque[Record] = deque()
        self._lost = 0  # counted by the requests' side alone
        self._refused = 0  # counted by the writing side alone
        self._told = 0  # of the dropped: how many the database knows of
        self._store: LogStore | None = None
        self._failure: str | None = None
        self._writing = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def append(self, record: Record) -> None:
        """Take one record; when too many wait already, count it as dropped."""
        if len(self._waiting) >= self._entries_max:
            self._lost += 1
        else:
            self._waiting.append(record)

    def lose(self) -> None:
        """Count a record that could not be made."""
        self._lost += 1

    @property
    def waiting(self) -> int:
        """Say how many records are in memory only."""
        return len(self._waiting)

    @property
    def dropped(self) -> int:
        """Say how many records this process has dropped."""
        return self._lost + self._refused

    @property
    def dropped_unwritten(self) -> int:
        """Say how many of the dropped the database doesn't know of yet."""
        return self.dropped - self._told

    @property
    def failure(self) -> str | None:
        """Say why the last batch could not be written, if so."""
        return self._failure

    def start(self) -> None:
        """Open the store and begin to write.

        Raises StartupError when the file is damaged or another program's.
        """
        if self._thread is not None:
            return
        self._store = self._open_store()
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name="latency-log", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write what waits, then stop; may be called twice."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self.flush()
        with self._writing:
            if self._store is not None:
                self._store.close()
                self._store = None

    def _run(self) -> None:
        while not self._stop.wait(self._flush_interval_s):
            self.flush()

    def flush(self) -> None:
        """Write everything that waits now, in one transaction; never raises for the database."""
        with self._writing:
            batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
            untold = self.dropped_unwritten
            now_us = self._wall_ns() // 1_000
            try:
                if batch or untold:
                    self._opened().write(batch, dropped=untold, now_us=now_us)
                    self._recovered()
            except Exception as error:  # noqa: BLE001 - whatever it is, requests go on
                self._refused += len(batch)
                self._failed(error)
            else:
                self._told += untold
                self._prune(now_us)

    def _opened(self) -> LogStore:
        if self._store is None:
            self._store = self._open_store()
        return self._store

    def _prune(self, now_us: int) -> None:
        if self._store is None:
            return
        try:
            self._store.prune(now_us)
        except Exception as error:  # noqa: BLE001 - it will be tried again
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        if self._failure is None:
            _log.warning("the latency log can't be written, entries are dropped: %s", error)
        self._failure = f"{type(error).__name__}: {error}"

    def _recovered(self) -> None:
        if self._failure is not None:
            _log.warning("the latency log is written again; dropped so far: %d", self.dropped)
        self._failure = None
