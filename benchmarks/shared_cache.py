"""What a change costs the server by the number of followers: behind nginx's cache, and without it.

``python benchmarks/shared_cache.py`` prints the table of docs/benchmarks.md. nginx is that of the
guide's configuration, docs/operations.md.
"""

import argparse
import asyncio
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import httpx

from load.cache import start_cache
from load.polling import Pollers

CHANGES = 10
PAUSE_S = 1.0
READY_S = 30


class Cost(NamedTuple):
    """Of one change: requests of the feed at the server, its CPU, and until all had it."""

    requests: float
    cpu_ms: float
    until_all_s: list[float]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def wait_for(url: str) -> None:
    """Wait until a URL answers 200; raises TimeoutError."""
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.02)
    raise TimeoutError(url)


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


async def cost_of_changes(
    server: str, pid: int, by_way_of: str, followers: int, changes: int, pause_s: float
) -> Cost:
    """Let so many follow by way of a URL, insert clients at the server, and count there."""
    pollers = Pollers(by_way_of)
    async with httpx.AsyncClient(base_url=server, timeout=30) as http:
        tail = (await http.head("/clients/changes")).headers["Stream-Next-Offset"]
        await pollers.open(followers, tail)
        await asyncio.sleep(2 * pause_s)
        before, cpu_s, took = await _feed_requests(http), _cpu_s(pid), []
        for _ in range(changes):
            began = time.perf_counter()
            written = await http.post("/clients", json={"name": "Ana"})
            position = written.headers["ETag"].strip('"')
            took.append(max(await pollers.until_all_have(position)) - began)
            await asyncio.sleep(pause_s)
        spent_s = _cpu_s(pid) - cpu_s
        requests = await _feed_requests(http) - before
    assert len(pollers.told()) == 1, "followers heard different things"  # noqa: S101 - measured
    pollers.close()
    return Cost(requests / changes, 1_000 * spent_s / changes, took)


async def _feed_requests(http: httpx.AsyncClient) -> int:
    """Count the feed's requests that the server's own log has ended by now."""
    await asyncio.sleep(0.5)  # the log shows them within 300 ms
    found = (await http.get("/logs/summary", params={"route": "/clients/changes"})).json()
    return int(found["count"])


def _measure(followers: int, *, cached: bool) -> Cost:
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), _free_port()
        arguments = ["server", "--db", f"sqlite:///{folder / 'register.db'}", "--port", str(port)]
        command = [sys.executable, "-m", "clientela.cli", *arguments, "--shared-cache"]
        server = f"http://127.0.0.1:{port}"
        running = [subprocess.Popen(command)]
        try:
            wait_for(f"{server}/readyz")
            way = server
            if cached:
                cache_port = _free_port()
                running.append(start_cache(folder, port=cache_port, server_port=port))
                way = f"http://127.0.0.1:{cache_port}"
                wait_for(f"{way}/readyz")
            pid = running[0].pid
            return asyncio.run(cost_of_changes(server, pid, way, followers, CHANGES, PAUSE_S))
        finally:
            for process in reversed(running):
                process.terminate()
                process.wait(20)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--followers", type=int, nargs="*", default=[10, 200, 2_000])
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print("| followers | way | requests a change | ms of CPU a change | until all have it, s |")
    print("|---|---|---|---|---|")
    for followers in parser.parse_args().followers:
        for way, cached in (("nginx", True), ("direct", False)):
            cost = _measure(followers, cached=cached)
            until_s = f"{statistics.median(cost.until_all_s):.2f} (max {max(cost.until_all_s):.2f})"
            print(
                f"| {followers:,} | {way} | {cost.requests:.1f} | {cost.cpu_ms:.1f} | {until_s} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
