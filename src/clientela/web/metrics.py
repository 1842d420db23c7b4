"""``/metrics``: figures and histograms of a service for Prometheus, in the format that it asks for.

Native histograms are in OpenMetrics 2.0 only; every other format gets classic ones.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

from fastapi import APIRouter, Request
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, CONTENT_TYPE_PLAIN_1_0_0
from prometheus_client.exposition import generate_latest as plain
from prometheus_client.openmetrics import exposition as openmetrics
from starlette.responses import Response

Families = Callable[[bool], Iterable[Metric]]
"""Gives families at the moment they are asked for; with native histograms, if true."""

_TEXT: dict[str, Any] = {"schema": {"type": "string"}}
_METRICS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The figures; native histograms in OpenMetrics 2.0.",
        "content": {"text/plain": _TEXT, "application/openmetrics-text": _TEXT},
    }
}


class Figure(NamedTuple):
    """One figure: a counter only grows while the process lives."""

    help: str
    value: float
    is_counter: bool = False


class _Format(NamedTuple):
    content_type: str
    write: Callable[[Any], bytes]  # takes what has ``collect``
    native: bool = False


_PLAIN = _Format(CONTENT_TYPE_PLAIN_0_0_4, plain)

# By media type and version. A scraper that names a later version knows the earlier ones, too.
_FORMATS = {
    ("text/plain", "0.0.4"): _PLAIN,
    ("text/plain", "1.0.0"): _Format(CONTENT_TYPE_PLAIN_1_0_0, plain),
    ("application/openmetrics-text", "1.0.0"): _Format(
        openmetrics.CONTENT_TYPE_LATEST, openmetrics.generate_latest
    ),
    ("application/openmetrics-text", "2.0.0"): _Format(
        openmetrics.CONTENT_TYPE_LATEST_2_0,
        partial(openmetrics.generate_latest, version="2.0.0"),
        native=True,
    ),
}
_VERSION_UNSAID = {"text/plain": "0.0.4", "application/openmetrics-text": "1.0.0"}


class _Collected:
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        """Give what was collected."""
        return self._families


def metrics_routes(
    figures: Callable[[], Mapping[str, Figure]], families: Families = lambda _native: ()
) -> APIRouter:
    """Serve the figures, whose names get the prefix ``clientela_``, and the families as they are.

    ``figures`` is called in the event loop; ``families`` is called, and text made, in a thread.
    """
    router = APIRouter(tags=["health"], default_response_class=Response)

    def write(chosen: _Format, told: list[Metric]) -> bytes:
        return chosen.write(_Collected([*told, *families(chosen.native)]))

    @router.get("/metrics", responses=_METRICS)
    async def read_metrics(request: Request) -> Response:
        """Tell the figures of this service, for Prometheus."""
        chosen = _choose(",".join(request.headers.getlist("accept")))
        text = await asyncio.to_thread(write, chosen, _figure_families(figures()))
        headers = {
            "Content-Type": chosen.content_type,
            "Cache-Control": "no-store",
            "Vary": "Accept",
        }
        return Response(text, headers=headers)

    return router


def _figure_families(figures: Mapping[str, Figure]) -> list[Metric]:
    return [
        (CounterMetricFamily if figure.is_counter else GaugeMetricFamily)(
            f"clientela_{name}", figure.help, value=figure.value
        )
        for name, figure in figures.items()
    ]


def _choose(accept: str) -> _Format:
    """Choose what is preferred of what is known; text 0.0.4 if nothing is.

    prometheus_client's own choice ignores preferences, and fails for a version that is no number.
    """
    best, chosen = 0.0, _PLAIN
    for offer in accept.split(","):
        kind, *fields = (part.strip().lower() for part in offer.split(";"))
        given = {
            key.strip(): value.strip(' "') for key, _, value in (f.partition("=") for f in fields)
        }
        version = given.get("version") or _VERSION_UNSAID.get(kind, "")
        quality = _quality(given.get("q", "1"))
        found = _FORMATS.get((kind, version))
        if found is not None and quality > best:
            best, chosen = quality, found
    return chosen


def _quality(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return 0.0
