"""The Log DB's engines side by side: writing batches, and percentiles over a million entries.

``python benchmarks/log_engines.py postgresql://USER@HOST/EMPTY_DATABASE``; medians of rounds that
alternate, and the ratio of PostgreSQL's to SQLite's.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from clientela.log_facade.batch import Batch
from clientela.log_facade.entries import PageOf, read_page
from clientela.log_facade.filters import Filters
from clientela.log_facade.logs import LogDb, reading, writing
from clientela.log_facade.packing import batch_of
from clientela.log_facade.record import NO_TRACE, Record
from clientela.log_facade.store import LogStore
from clientela.log_facade.summary import SummaryOf, read_summary
from clientela.storage.urls import database_of

NOON_US = 1_795_435_200_000_000
ENTRIES = 1_000_000
BLOCK, FEW = 10_000, 100
ROUNDS = 5
ROUTES = ("/client", "/client/writes", "/sync", "/logs")


def made(count: int) -> Batch:
    """Make requests of one second."""
    return batch_of(
        Record(
            time_us=NOON_US + n * 1_000_000 // count,
            facade="matriz",
            method="GET",
            route=ROUTES[n % len(ROUTES)],
            status=200,
            latency_us=20 + n % 997,
            parts_ns={"db": 3_000},
            body_bytes=270,
            trace_id=NO_TRACE,
            lag_ms=0,
            outbox=0,
            error=None,
        )
        for n in range(count)
    )


def write(store: LogStore, batch: Batch, second: int, batches: int) -> float:
    """Write batches of a second each; give entries per second."""
    begun = time.perf_counter()
    for number in range(batches):
        later = batch.time_us + (second + number) * 1_000_000
        store.write(replace(batch, time_us=later), now_us=NOON_US)
    return len(batch) * batches / (time.perf_counter() - begun)


def milliseconds(work: Callable[[], object]) -> float:
    """Give how long it takes."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1_000


def compare(title: str, unit: str, work: Callable[[LogDb], float], databases: list[LogDb]) -> None:
    """Alternate between the engines, and tell medians and their ratio."""
    found = [[work(database) for database in databases] for _ in range(ROUNDS)]
    sqlite, postgres = (statistics.median(each) for each in zip(*found, strict=True))
    print(f"{title}: {sqlite:,.1f} and {postgres:,.1f} {unit}, ratio {postgres / sqlite:.2f}")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    with tempfile.TemporaryDirectory() as folder:
        databases: list[LogDb] = [
            Path(folder) / "logs.db",
            database_of(parser.parse_args().url),
        ]
        stores = {str(database): writing(database).open() for database in databases}
        block, few = made(BLOCK), made(FEW)
        seconds = {name: iter(range(0, 10**6, 100)) for name in stores}
        per_round = ENTRIES // BLOCK // ROUNDS

        def writes(batch: Batch, batches: int) -> Callable[[LogDb], float]:
            return lambda db: write(stores[str(db)], batch, next(seconds[str(db)]), batches)

        compare("blocks written", "entries/s", writes(block, per_round), databases)
        compare("rows written, 100 at a time", "entries/s", writes(few, 50), databases)
        logs = {str(database): reading(database) for database in databases}
        asked = {
            "percentiles by route": SummaryOf(Filters(), "route", None, NOON_US + 10**12),
            "percentiles of those over 500 µs": SummaryOf(
                Filters(min_latency_us=500), "route", None, NOON_US + 10**12
            ),
        }
        for title, summary in asked.items():
            compare(
                title,
                "ms",
                lambda db, of=summary: milliseconds(lambda: read_summary([logs[str(db)]], of)),
                databases,
            )
        page = PageOf(Filters(), "desc", None, 100)
        compare(
            "the newest 100",
            "ms",
            lambda db: milliseconds(lambda: read_page([logs[str(db)]], page)),
            databases,
        )
        for store in stores.values():
            store.close()
        for log in logs.values():
            log.close()


if __name__ == "__main__":
    main()
