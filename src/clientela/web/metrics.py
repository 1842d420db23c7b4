"""``/metrics``: figures of a service for Prometheus, in its text format."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from fastapi import APIRouter
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.responses import Response

_METRICS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The figures.", "content": {"text/plain": {"schema": {"type": "string"}}}}
}


class Figure(NamedTuple):
    """One figure: a counter only grows while the process lives."""

    help: str
    value: float
    is_counter: bool = False


class _Collector:
    def __init__(self, figures: Callable[[], Mapping[str, Figure]]) -> None:
        self._figures = figures

    def collect(self) -> list[GaugeMetricFamily | CounterMetricFamily]:
        """Read the figures at the moment they are asked for."""
        return [
            (CounterMetricFamily if figure.is_counter else GaugeMetricFamily)(
                f"clientela_{name}", figure.help, value=figure.value
            )
            for name, figure in self._figures().items()
        ]


def metrics_routes(figures: Callable[[], Mapping[str, Figure]]) -> APIRouter:
    """Serve the figures; their names get the prefix ``clientela_``."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(figures))
    router = APIRouter(tags=["health"], default_response_class=Response)

    @router.get("/metrics", responses=_METRICS)
    async def read_metrics() -> Response:
        """Tell the figures of this service, for Prometheus."""
        headers = {"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"}
        return Response(generate_latest(registry), headers=headers)

    return router
