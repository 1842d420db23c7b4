"""Totals as OpenTelemetry's exponential histograms, sent by its SDK (the extra ``otlp``).

The names are those of its semantic conventions for HTTP: dashboards made for them fit.
"""

import logging
import threading
from collections.abc import Iterable

import numpy as np
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Buckets,
    ExponentialHistogram,
    ExponentialHistogramDataPoint,
    Metric,
    MetricExportResult,
    MetricsData,
    ResourceMetrics,
    ScopeMetrics,
)
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from clientela import __version__
from clientela.log_facade import seconds
from clientela.log_facade.totals import Total

_SERVER_ERROR = 500  # and more: the status is also the type of the error


class Sender:
    """Sends to where the environment says; ``started_ns`` is since when the totals count."""

    def __init__(self, facade: str, started_ns: int) -> None:
        """Raise whatever the SDK does for settings that are wrong."""
        usual = {"service.name": "clientela", "service.instance.id": facade}
        self._resource = Resource.create(usual).merge(OTELResourceDetector().detect())
        self._scope = InstrumentationScope("clientela", __version__)
        self._started_ns = started_ns
        self._exporter = OTLPMetricExporter()
        self._quiet = _Quiet()
        self._closed = False

    def send(self, totals: Iterable[Total], now_ns: int) -> str | None:
        """Send all, with the SDK's few retries; give why it failed, if so."""
        with self._quiet:
            result = self._exporter.export(self._data(totals, now_ns))
        if result is MetricExportResult.SUCCESS:
            return None
        return self._quiet.said or "it answered nothing"

    @property
    def failing(self) -> bool:
        """Say whether what is being sent, or was sent last, has met a failure."""
        return self._quiet.said is not None

    def close(self) -> None:
        """End what is being sent; may be called twice, and from another thread."""
        if not self._closed:
            self._closed = True
            self._exporter.shutdown()

    def _data(self, totals: Iterable[Total], now_ns: int) -> MetricsData:
        points = [self._point(total, now_ns) for total in totals]
        durations = Metric(
            "http.server.request.duration",
            "From a request's arrival to the last byte of its answer.",
            "s",
            ExponentialHistogram(points, AggregationTemporality.CUMULATIVE),
        )
        scoped = ScopeMetrics(self._scope, [durations], "")
        return MetricsData([ResourceMetrics(self._resource, [scoped], "")])

    def _point(self, total: Total, now_ns: int) -> ExponentialHistogramDataPoint:
        facade, method, route, status = total.series
        attributes: dict[str, str | int] = {
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": status,
            "clientela.facade": facade,
        }
        if status >= _SERVER_ERROR:
            attributes["error.type"] = str(status)
        return ExponentialHistogramDataPoint(
            attributes=attributes,
            start_time_unix_nano=self._started_ns,
            time_unix_nano=now_ns,
            count=total.count,
            sum=total.sum_us / 1e6,
            scale=seconds.SCALE,
            zero_count=int(total.counts[0]),
            positive=_buckets(total.counts[1:]),
            negative=Buckets(0, []),
            flags=0,
            min=None,  # type: ignore[arg-type]  # optional on the wire; unknown since the start
            max=None,  # type: ignore[arg-type]
        )


def _buckets(counts: seconds.Counts) -> Buckets:
    """Give the filled range; OpenTelemetry's indices are one below Prometheus' own."""
    filled = np.flatnonzero(counts)
    if not len(filled):
        return Buckets(0, [])
    first, last = int(filled[0]), int(filled[-1])
    return Buckets(first + seconds.INDEX_MIN - 1, counts[first : last + 1].tolist())


class _Quiet(logging.Filter):
    """Keeps to itself what the SDK says of each failure in this thread; others' is let through."""

    def __init__(self) -> None:
        super().__init__()
        self.said: str | None = None
        self._thread: int | None = None
        self._logger = logging.getLogger(OTLPMetricExporter.__module__)

    def __enter__(self) -> None:
        self.said = None
        self._thread = threading.get_ident()
        self._logger.addFilter(self)

    def __exit__(self, *_: object) -> None:
        self._logger.removeFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Let a record pass, or keep it."""
        if record.thread != self._thread:
            return True
        self.said = self.said or record.getMessage()  # the first has the cause; then it gives up
        return False
