"""Tells the server how this facade is, for the overview of all facades."""

import asyncio
import logging
import time
from collections.abc import Callable

from clientela import __version__, limits
from clientela.client_facade.freshness import Freshness
from clientela.client_facade.shapes import SyncStatus
from clientela.client_facade.sync import Sync
from clientela.client_facade.upstream import Upstream, UpstreamError
from clientela.errors import ClientelaError
from clientela.feed.tail import Tail
from clientela.log_facade.filters import Filters
from clientela.log_facade.queries import LogReader
from clientela.web.facade_reports import FacadeLatencies, FacadeReport

_log = logging.getLogger(__name__)


class Reporter:
    """Reports for one facade; belongs to the event loop's thread."""

    def __init__(
        self,
        name: str,
        status: Callable[[], SyncStatus],
        changes: Tail,
        logs: LogReader,
        upstream: Upstream,
        sync: Sync,
        freshness: Freshness,
    ) -> None:
        """Report also when the log of states, whose end is ``changes``, has moved."""
        self._name = name
        self._status = status
        self._changes = changes
        self._logs = logs
        self._upstream = upstream
        self._sync = sync
        self._freshness = freshness

    async def run(self) -> None:
        """Report again and again until cancelled; a server that is away is told later."""
        while True:
            before = self._changes.position
            report, began = await self._report(), self._sync.now()
            try:
                tail = await self._upstream.report(report)
                if tail is not None:
                    await self._freshness.in_step(tail, at=began)
            except (UpstreamError, ClientelaError) as error:
                _log.debug("The server was not told how this facade is: %s", error)
            if self._sync.following.shared:  # with many others: no report for each change
                await asyncio.sleep(limits.FACADE_REPORT_INTERVAL_S)
                continue
            await asyncio.sleep(limits.FACADE_REPORT_INTERVAL_S_MIN)
            await self._changes.beyond(before, timeout_s=limits.FACADE_REPORT_INTERVAL_S)

    async def _report(self) -> FacadeReport:
        status = self._status()
        requests, found = await self._requests()
        return FacadeReport(
            state=status.state,
            version=status.version,
            lag_ms=status.lag_ms,
            clients=status.clients,
            digest=status.digest,
            outbox=status.outbox,
            lost=status.lost,
            requests=requests,
            latency_us=found,
            release=__version__,
            last_error=status.last_error and status.last_error[: limits.LAST_ERROR_CHARACTERS_MAX],
        )

    async def _requests(self) -> tuple[int, FacadeLatencies | None]:
        """Count this facade's requests; none while the Log DB, which others may share, is away."""
        start_us = (time.time_ns() // 1_000) - limits.FACADE_LATENCY_S * 1_000_000
        asked = Filters(from_us=start_us, facade=self._name)
        try:
            async with asyncio.timeout(limits.FACADE_LATENCY_ANSWER_S):
                requests = await self._logs.summary(asked, None, None)
        except (ClientelaError, TimeoutError) as error:
            _log.debug("The latencies of this facade are not known: %s", error)
            return 0, None
        found = requests.latency_us
        return requests.count, FacadeLatencies(found.p50, found.p95, found.p99) if found else None
