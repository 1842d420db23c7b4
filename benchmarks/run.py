"""Measures what docs/benchmarks.md tells: ``python benchmarks/run.py [NAME …]``.

Each line is one figure of real processes on this machine. Other load on it shows in the figures.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable

import aiohttp
import uvloop

from clientela import limits
from clientela.cli.demo_people import people
from clientela.web.serving import raise_open_files
from system import System, insert_of, percentile_ms, running

Figures = list[tuple[str, str]]


def propagation(options: argparse.Namespace) -> Figures:
    """From a write's start at one facade to its visibility at another."""
    with running() as system:
        names = [f"branch-{number}" for number in range(options.facades)]
        urls = [system.start_facade(name) for name in names]
        for url in urls:
            system.wait(lambda url=url: system.in_step(url), "in step")
        answered, visible = [], []
        for number in range(options.writes):
            here, there = urls[0], urls[1 + number % (len(urls) - 1)]
            began = time.perf_counter()
            answer = system.http.post(f"{here}/client", json={"name": f"Cliente {number}"})
            answered.append(time.perf_counter() - began)
            where = there + answer.headers["Location"]
            while system.http.get(where).status_code != 200:
                pass
            visible.append(time.perf_counter() - began)
    return [
        (f"write answered, {options.facades} facades", _times(answered)),
        (f"write visible elsewhere, {options.facades} facades", _times(visible)),
    ]


def followers(options: argparse.Namespace) -> Figures:
    """From a write at the server until every one of many followers has its change."""
    raise_open_files()
    with running() as system:
        took, kb_each = uvloop.run(_followed(system, options.followers, options.writes))
    return [
        (f"change at all of {options.followers} followers", _times(took)),
        ("memory of the server for each of them", f"{kb_each:.0f} kB"),
    ]


class _Followers:
    """Follow the server's feed over many connections, and count the changes that arrive."""

    def __init__(self) -> None:
        self._expected = 0
        self._arrived = asyncio.Event()

    async def open(self, host: str, port: int, count: int) -> None:
        """Connect, and wait until each has heard that it follows."""
        done = self.expect(count)
        loop = asyncio.get_running_loop()
        for _ in range(count):
            await loop.create_connection(lambda: _Follower(self.count), host, port)
        await done.wait()

    def expect(self, events: int) -> asyncio.Event:
        """Give what is set when so many events more have arrived."""
        self._expected, self._arrived = events, asyncio.Event()
        return self._arrived

    def count(self) -> None:
        self._expected -= 1
        if self._expected == 0:
            self._arrived.set()


class _Follower(asyncio.Protocol):
    """No HTTP library: it would cost more than what is measured."""

    def __init__(self, heard: Callable[[], None]) -> None:
        self._heard = heard
        self._follows = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        target = b"/clients/changes?offset=now&live=sse"
        transport.write(b"GET " + target + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")

    def data_received(self, data: bytes) -> None:
        if b"event: data" in data or (not self._follows and b"event: control" in data):
            self._follows = True
            self._heard()


async def _followed(system: System, count: int, writes: int) -> tuple[list[float], float]:
    followers = _Followers()
    host, _, port = system.server.removeprefix("http://").partition(":")
    before_mb = system.rss_mb("server")
    ends_s = time.perf_counter() + limits.SSE_CLOSE_S / 2  # before the first stream is closed
    await followers.open(host, int(port), count)
    kb_each = 1_000 * (system.rss_mb("server") - before_mb) / count
    took: list[float] = []
    async with aiohttp.ClientSession() as session:
        while len(took) < writes and time.perf_counter() < ends_s:
            done = followers.expect(count)
            began = time.perf_counter()
            async with session.post(
                f"{system.server}/clients", json={"name": f"Cliente {len(took)}"}
            ) as answer:
                answer.raise_for_status()
            await done.wait()
            took.append(time.perf_counter() - began)
            await asyncio.sleep(0.05)
    return took, kb_each


def copy(options: argparse.Namespace) -> Figures:
    """Time a new facade's first copy and its search index; tell the memory of both processes."""
    with running() as system:
        began = time.perf_counter()
        system.fill(options.clients)
        filled_s = time.perf_counter() - began
        url = system.start_facade("branch")
        copied_s = system.wait(lambda: system.in_step(url), "copied")
        indexed_s = system.wait(lambda: system.sync(url)["searchable"], "indexed")
        memory = f"server {system.rss_mb('server'):.0f} MB, facade {system.rss_mb('branch'):.0f} MB"
    return [
        (f"{options.clients:,} inserts in batches", f"{options.clients / filled_s:,.0f}/s"),
        (f"copy of {options.clients:,}", f"{options.clients / copied_s:,.0f} rows/s"),
        ("search index after it", f"{indexed_s:.1f} s"),
        ("memory afterwards", memory),
    ]


def catch_up(options: argparse.Namespace) -> Figures:
    """Let a facade that was away follow what it missed."""
    with running() as system:
        url = system.start_facade("branch")
        system.wait(lambda: system.in_step(url), "in step")
        system.stop("branch")
        missed = min(options.clients, 50_000)
        system.fill(missed)
        url = system.start_facade("branch")
        took_s = system.wait(lambda: system.in_step(url), "caught up")
    return [(f"catch-up of {missed:,} changes", f"{missed / took_s:,.0f}/s")]


def drain(_options: argparse.Namespace) -> Figures:
    """Send an outbox that filled while the server was away."""
    with running() as system:
        url = system.start_facade("branch")
        system.wait(lambda: system.in_step(url), "in step")
        system.stop("server")
        waiting = [insert_of(client) for client in people(10_000, seed=2)]
        for client in waiting:
            client["set"].pop("document")
        for start in range(0, len(waiting), 1_000):
            system.write(f"{url}/client/writes", waiting[start : start + 1_000])
        system.start_server()
        system.wait(lambda: system.sync(url)["outbox"]["pending"] < len(waiting), "sending")
        began = system.sync(url)["outbox"]["pending"]
        took_s = system.wait(lambda: system.sync(url)["outbox"]["pending"] == 0, "drained")
    return [(f"draining an outbox of {len(waiting):,}", f"{began / took_s:,.0f} writes/s")]


BENCHMARKS: dict[str, Callable[[argparse.Namespace], Figures]] = {
    "propagation": propagation,
    "followers": followers,
    "copy": copy,
    "catch_up": catch_up,
    "drain": drain,
}


def _times(seconds: list[float]) -> str:
    return f"p50 {percentile_ms(seconds, 50):.1f} ms, p99 {percentile_ms(seconds, 99):.1f} ms"


def main() -> None:
    """Run the chosen benchmarks and print their figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *BENCHMARKS], help="all of them without")
    parser.add_argument("--clients", type=int, default=200_000)
    parser.add_argument("--facades", type=int, default=2)
    parser.add_argument("--followers", type=int, default=1_000)
    parser.add_argument("--writes", type=int, default=300)
    options = parser.parse_args()
    for name in options.names or BENCHMARKS:
        print(f"{name} …", file=sys.stderr)
        for figure, value in BENCHMARKS[name](options):
            print(f"| {figure} | {value} |", flush=True)


if __name__ == "__main__":
    main()
