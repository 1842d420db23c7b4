"""What a latency log costs per request: ours beside others, on the same bare application.

``python benchmarks/log_cost.py`` runs each tool in a process of its own, in turns, and tells the
medians: CPU of the whole process, writing and aggregating in the background included, less that of
the application alone. The others come with ``pip install -r requirements-bench.lock``.
"""

# ruff: noqa: PLC0415 - each tool is imported by its own process alone

import argparse
import asyncio
import importlib.util
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import uvloop
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message

WARM_UP = 2_000


def _bare() -> Starlette:
    async def item(request: Any) -> JSONResponse:
        return JSONResponse({"id": request.path_params["item_id"]})

    return Starlette(routes=[Route("/items/{item_id}", item)])


def _clientela(folder: Path) -> ASGIApp:
    from clientela.log_facade import LatencyLog

    return LatencyLog(_bare(), folder / "logs.db", facade="bench")


def _opentelemetry(_folder: Path) -> ASGIApp:
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.trace import NoOpTracerProvider

    meters = MeterProvider([InMemoryMetricReader()])
    return OpenTelemetryMiddleware(
        _bare(), meter_provider=meters, tracer_provider=NoOpTracerProvider()
    )


def _opentelemetry_traces(_folder: Path) -> ASGIApp:
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

    class Nowhere(SpanExporter):
        def export(self, _spans: Any) -> SpanExportResult:
            return SpanExportResult.SUCCESS

    traces = TracerProvider()
    traces.add_span_processor(BatchSpanProcessor(Nowhere()))
    meters = MeterProvider([InMemoryMetricReader()])
    return OpenTelemetryMiddleware(_bare(), meter_provider=meters, tracer_provider=traces)


def _prometheus(_folder: Path) -> ASGIApp:
    from prometheus_fastapi_instrumentator import Instrumentator

    app = _bare()
    Instrumentator().instrument(app)
    return app


TOOLS: dict[str, tuple[str, Callable[[Path], ASGIApp]]] = {
    "the application alone": ("starlette", lambda _: _bare()),
    "Clientela's LatencyLog": ("clientela", _clientela),
    "OpenTelemetry ASGI, metrics": ("opentelemetry.instrumentation.asgi", _opentelemetry),
    "OpenTelemetry ASGI, metrics and traces": (
        "opentelemetry.instrumentation.asgi",
        _opentelemetry_traces,
    ),
    "prometheus-fastapi-instrumentator": ("prometheus_fastapi_instrumentator", _prometheus),
}


async def _serve(app: ASGIApp, requests: int) -> float:
    """Give the microseconds of CPU per request, of all threads."""
    for _ in range(WARM_UP):
        await _request(app)
    await asyncio.sleep(0.5)
    began = time.process_time()
    for number in range(requests):
        await _request(app)
        if number % 1_000 == 0:
            await asyncio.sleep(0)
    await asyncio.sleep(0.5)  # what waits is written, and counts
    return (time.process_time() - began) / requests * 1e6


def _request(app: ASGIApp) -> Awaitable[None]:
    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_message: Message) -> None:
        pass

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/items/7",
        "raw_path": b"/items/7",
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1"), (b"user-agent", b"bench"), (b"accept", b"*/*")],
        "client": ("127.0.0.1", 40_000),
        "server": ("127.0.0.1", 8_000),
        "state": {},
    }
    return app(scope, receive, send)


def _work(tool: str, requests: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = TOOLS[tool][1](Path(folder))
        print(uvloop.run(_serve(app, requests)))


def _installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def main() -> None:
    """Run the tools in turns and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tool", choices=TOOLS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.tool:
        _work(options.tool, options.requests)
        return
    found: dict[str, list[float]] = {name: [] for name in TOOLS if _installed(TOOLS[name][0])}
    for _ in range(options.rounds):
        for name, times in found.items():
            arguments = ["--tool", name, "--requests", str(options.requests)]
            command = [sys.executable, __file__, *arguments]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            times.append(float(done.stdout.split()[-1]))
    medians = {name: statistics.median(times) for name, times in found.items()}
    alone = medians["the application alone"]
    print("| | CPU per request | of it the log |\n|---|---:|---:|")
    for name, median in medians.items():
        cost = "" if name == "the application alone" else f"{median - alone:.1f} µs"
        print(f"| {name} | {median:.1f} µs | {cost} |")
    for name in TOOLS.keys() - found.keys():
        print(f"not installed: {name}", file=sys.stderr)


if __name__ == "__main__":
    main()
