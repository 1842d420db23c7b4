"""Recording at a fixed rate for a minute, and how soon a follower of the log sees an entry.

``python benchmarks/log_rate.py [--rate 20000] [--seconds 60]``, with ``--hot`` by the way of a hot
route. The sender's own work is told apart: the same loop, but nothing is recorded.
"""

import argparse
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil

from clientela.log_facade.record import Record
from clientela.log_facade.wiring import LatencyLogs
from system import percentile_ms, running

SLICE_S = 0.005


Append = Callable[[int], None]


def _records(logs: LatencyLogs) -> Append:
    return lambda number: logs.recorder.append(_record(number))


def _hot(logs: LatencyLogs) -> Append:
    found, stamp = logs.hot("GET", "/route", 200), time.perf_counter_ns

    def append(number: int) -> None:
        ended = stamp()
        found(ended - 30_000 - number % 400, ended - 20_000, ended, 9_000, 270)

    return append


def _nothing(_logs: LatencyLogs) -> Append:
    return lambda _number: None


def sustained(rate: int, seconds: float, way: Callable[[LatencyLogs], Append]) -> None:
    """Append so many records a second; tell what was dropped, the memory and the CPU."""
    with tempfile.TemporaryDirectory() as folder:
        logs = LatencyLogs(Path(folder) / "logs.db", facade="bench")
        logs.start()
        append = way(logs)
        memory = psutil.Process().memory_info
        began, cpu, sent, late = time.monotonic(), time.process_time(), 0, 0.0
        sizes_mb: list[float] = []
        while (now := time.monotonic() - began) < seconds:
            due = int(now * rate)
            for number in range(sent, due):
                append(number)
            late = max(late, (due - sent) / rate)
            sent = due
            sizes_mb.append(memory().rss / 1e6)
            time.sleep(SLICE_S)
        used = (time.process_time() - cpu) / sent * 1e6
        logs.close()
        size_mb = (Path(folder) / "logs.db").stat().st_size / 1e6
    middle = len(sizes_mb) // 2
    first, last = statistics.median(sizes_mb[:middle]), statistics.median(sizes_mb[middle:])
    print(
        f"| {way.__name__}: {sent:,} at {rate:,}/s | {logs.recorder.dropped} dropped, "
        f"{used:.2f} µs of CPU each, memory {first:.0f} → {last:.0f} MB, "
        f"longest pause of the sender {late * 1e3:.0f} ms, Log DB {size_mb:.0f} MB |"
    )


def _record(number: int) -> Record:
    return Record(
        time.time_ns() // 1_000,
        "bench",
        "GET",
        f"/route/{number % 20}",
        200 if number % 50 else 404,
        30 + number % 400,
        {"db": 20_000},
        270,
        number.to_bytes(16, "big"),
        0,
        0,
        None,
    )


def followed(requests: int) -> None:
    """From an answer's arrival to the event that tells of it."""
    with running() as system:
        url = system.start_facade("branch")
        system.wait(lambda: httpx.get(f"{url}/readyz").status_code == 200, "ready")
        seen: dict[str, float] = {}
        following = threading.Event()
        arrived = threading.Condition()

        def follow() -> None:
            query = {"offset": "now", "live": "sse", "route": "/livez"}
            with httpx.stream("GET", f"{url}/logs/tail", params=query, timeout=60) as answer:
                for line in answer.iter_lines():
                    following.set()
                    if line.startswith("data:["):
                        now = time.perf_counter()
                        with arrived:
                            for entry in json.loads(line.removeprefix("data:")):
                                seen[entry["trace_id"]] = now
                            arrived.notify()

        threading.Thread(target=follow, daemon=True).start()
        following.wait(10)
        took = []
        for number in range(1, requests + 1):
            trace = f"{number:032x}"
            header = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
            system.http.get(f"{url}/livez", headers=header).raise_for_status()
            answered = time.perf_counter()
            with arrived:
                arrived.wait_for(lambda trace=trace: trace in seen, 10)
            took.append(seen[trace] - answered)
            time.sleep(0.037)
    print(
        f"| an entry at a follower of the log | p50 {percentile_ms(took, 50):.0f} ms, "
        f"p99 {percentile_ms(took, 99):.0f} ms |"
    )


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--hot", action="store_true")
    options = parser.parse_args()
    for way in (_nothing, _hot if options.hot else _records):
        sustained(options.rate, options.seconds, way)
    followed(options.requests)


if __name__ == "__main__":
    main()
