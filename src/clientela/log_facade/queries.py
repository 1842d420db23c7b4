"""Asking one log or several at once, off the event loop."""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from clientela import limits
from clientela.errors import ClientelaError, StartupError
from clientela.log_facade.arrivals import Seen, read_arrivals
from clientela.log_facade.compare import Against, ByWhat, CompareOf, read_comparison
from clientela.log_facade.entries import PageOf, parse_cursor, read_page
from clientela.log_facade.filters import Filters
from clientela.log_facade.heatmap import HeatmapOf, read_heatmap
from clientela.log_facade.logs import LogDb, reading
from clientela.log_facade.parts import timing
from clientela.log_facade.shapes import LogComparison, LogHeatmap, LogSummary
from clientela.log_facade.summary import SummaryOf, read_summary
from clientela.log_facade.sums import By
from clientela.web.lists import Order, Page

_Answer = TypeVar("_Answer")


class LogReader:
    """Reads Log DBs, merged by time; one that isn't there yet counts as empty.

    Threads of its own read, so that neither the event loop nor the host's other work is held up.
    ``dropped_unwritten`` says how many entries were dropped that no log knows of yet.
    """

    def __init__(
        self,
        databases: Sequence[LogDb],
        *,
        dropped_unwritten: Callable[[], int] = int,
        wall_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._logs = [reading(database) for database in databases]
        self._dropped_unwritten = dropped_unwritten
        self._wall_ns = wall_ns
        self._threads = ThreadPoolExecutor(limits.LOG_READERS_MAX, "log-reader")
        self._asked = 0

    @property
    def damaged(self) -> int:
        """Say how many entries were met so far that can't be read."""
        return sum(log.damaged for log in self._logs)

    def check(self) -> None:
        """Look whether the logs that are there can be read; raises StartupError."""
        for log in self._logs:
            log.check()

    async def check_ready(self) -> None:
        """Raise ClientelaError ``not-ready`` when a log that is there can't be read."""
        try:
            await self._run(self.check)
        except StartupError as error:
            raise ClientelaError("not-ready", str(error)) from error

    async def page(self, filters: Filters, order: Order, cursor: str | None, limit: int) -> Page:
        """Read a page of entries as JSON; raises ClientelaError ``bad-parameter``."""
        after = None if cursor is None else parse_cursor(cursor, order)
        page = PageOf(filters, order, after, limit)
        return await self._run(lambda: read_page(self._logs, page))

    async def arrivals(self, seen: Seen) -> tuple[list[bytes], Seen]:
        """Read what has arrived in the first log since it was last looked at."""
        return await self._run(lambda: read_arrivals(self._logs[0], seen))

    async def summary(self, filters: Filters, by: By | None, step_s: int | None) -> LogSummary:
        """Add entries up; raises ClientelaError ``bad-parameter``."""
        now_us = self._wall_ns() // 1_000
        asked = SummaryOf(filters, by, step_s, now_us)
        dropped = self._dropped_unwritten() if filters.end_us > now_us else 0
        return await self._run(lambda: read_summary(self._logs, asked, dropped=dropped))

    async def heatmap(
        self, filters: Filters, step_s: int | None, rows_per_octave: int
    ) -> LogHeatmap:
        """Count entries by time and latency; raises ClientelaError ``bad-parameter``."""
        asked = HeatmapOf(filters, step_s, rows_per_octave, self._wall_ns() // 1_000)
        return await self._run(lambda: read_heatmap(self._logs, asked))

    async def compare(self, filters: Filters, against: Against, by: ByWhat) -> LogComparison:
        """Put two windows of time side by side; raises ClientelaError ``bad-parameter``."""
        asked = CompareOf(filters, against, by, self._wall_ns() // 1_000)
        return await self._run(lambda: read_comparison(self._logs, asked))

    async def _run(self, work: Callable[[], _Answer]) -> _Answer:
        if self._asked >= limits.LOG_QUESTIONS_ITEMS_MAX:
            raise ClientelaError("overloaded", "The log is asked too much: try again in a moment.")
        self._asked += 1
        try:
            with timing("db"):
                return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._asked -= 1

    def close(self) -> None:
        """End what is being read, close the logs."""
        for log in self._logs:
            log.interrupt()
        self._threads.shutdown(cancel_futures=True)
        for log in self._logs:
            log.close()
