"""What a host tells of its requests elsewhere: to Prometheus when asked, to OpenTelemetry unasked.

::

    totals = Totals()
    recorder = Recorder(open_store, listeners=[totals])
    exports = Exports("matriz", recorder, totals)
    exports.start()
    app.include_router(exports.routes(figures))
"""

import os
from collections.abc import Callable, Iterator, Mapping

from fastapi import APIRouter
from prometheus_client import Metric

from clientela.log_facade.exposition import by_class, histogram_family
from clientela.log_facade.loop_lag import LoopLag
from clientela.log_facade.otlp import OtlpExport, otlp_export
from clientela.log_facade.recorder import Recorder
from clientela.log_facade.totals import Totals
from clientela.web.metrics import Figure, metrics_routes


class Exports:
    """The totals of a host, its loop's lag, and how its log is doing."""

    def __init__(
        self,
        facade: str,
        recorder: Recorder,
        totals: Totals,
        *,
        damaged: Callable[[], int] = int,
    ) -> None:
        self._facade = facade
        self._recorder = recorder
        self._totals = totals
        self._damaged = damaged
        self._otlp: OtlpExport | None = None
        self.loop_lag = LoopLag()

    def start(self) -> None:
        """Begin to send to OpenTelemetry, where the environment asks for it."""
        if self._otlp is None:
            self._otlp = otlp_export(self._totals, self._facade, os.environ)
            if self._otlp is not None:
                self._otlp.start()

    def close(self) -> None:
        """Send what is new, within ``OTLP_LAST_EXPORT_S``; may be called twice."""
        if self._otlp is not None:
            self._otlp.close()

    def routes(self, figures: Callable[[], Mapping[str, Figure]]) -> APIRouter:
        """Give ``GET /metrics``: a service's own ``figures``, and what is known here."""
        return metrics_routes(lambda: {**figures(), **self.figures()}, self.families)

    def figures(self) -> dict[str, Figure]:
        """Give the figures of the log itself."""
        return {
            "log_entries_waiting": Figure("Log entries in memory only.", self._recorder.waiting),
            "log_entries_dropped": Figure(
                "Requests that the log could not keep.", self._recorder.dropped, is_counter=True
            ),
            "log_entries_damaged": Figure(
                "Log entries in damaged blocks that readers met.", self._damaged()
            ),
        }

    def families(self, native: bool) -> Iterator[Metric]:  # noqa: FBT001 - a web.metrics.Families
        """Give the histograms; native ones, or classic ones."""
        yield histogram_family(
            "clientela_request_duration",
            "From a request's arrival to the last byte of its answer.",
            by_class(self._totals.read()),
            native=native,
        )
        yield histogram_family(
            "clientela_event_loop_lag",
            "How late the event loop wakes those who wait for a time.",
            [self.loop_lag.measured()],
            native=native,
        )
