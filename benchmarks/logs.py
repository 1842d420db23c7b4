"""What the log's questions cost on a month of 10 million requests: ``python benchmarks/logs.py``.

The Log DB is made by writing its tables, each level added up from the same numbers, with entries
for its last hour only: the others are not read. Lists are asked of another one, which holds as many
entries of one hour, as they are written when they come fast. Figures are of the questions alone,
without HTTP; beside a flush's. Other load on the machine shows in them.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from clientela import limits
from clientela.log_facade import histogram
from clientela.log_facade.batch import Batch
from clientela.log_facade.compare import CompareOf, read_comparison
from clientela.log_facade.entries import PageOf, read_page
from clientela.log_facade.files import LogFile
from clientela.log_facade.filters import Filters
from clientela.log_facade.heatmap import HeatmapOf, read_heatmap
from clientela.log_facade.names import Vocabulary
from clientela.log_facade.packing import batch_of
from clientela.log_facade.record import Record
from clientela.log_facade.store import open_store
from clientela.log_facade.summary import SummaryOf, read_summary

END_US = 1_795_480_213_123_456  # a moment within a minute, so that there are edges
HOUR_US = 3_600_000_000
DAYS = 30
ROUTES = [f"/route/{number}" for number in range(20)]
STATUS = {200: 0.93, 404: 0.06, 500: 0.01}

_INSERT = "INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?, ?)"
_SERIES = "INSERT INTO series (facade, method, route) VALUES ('matriz', 'GET', ?)"
_WIDER = """
INSERT INTO {wide} SELECT {fine_unit} / {factor}, series, status, sum(count), sum(sum_us),
  max(max_us), merged(CAST(group_concat(buckets, '') AS BLOB), x'') FROM {fine} GROUP BY 1, 2, 3
"""


def make(path: Path, requests: int) -> None:
    """Make a Log DB of so many requests in a month, busier by day than by night."""
    store = open_store(path)
    connection = store._connection  # noqa: SLF001 - rows of the past can't come in by its writer
    with connection:
        connection.executemany(_SERIES, [(route,) for route in ROUTES])
        connection.executemany(_INSERT.format(table="minutes"), _minutes(requests))
        for wide, fine, factor in (("hours", "minute", 60), ("days", "hour", 24)):
            named = {"wide": wide, "fine": fine + "s", "fine_unit": fine, "factor": factor}
            connection.execute(_WIDER.format(**named))
    last_hour = int(requests / DAYS / 24)
    store.write(batch_of(list(_records(END_US - HOUR_US, HOUR_US, last_hour))), now_us=END_US)
    store.close()


def _minutes(requests: int) -> Iterator[tuple[int | bytes, ...]]:
    rng = np.random.default_rng(1)
    last = END_US // 60_000_000 - 60
    for minute in range(last - DAYS * 1_440, last):
        of_day = 1 - 0.8 * np.cos(2 * np.pi * (minute % 1_440) / 1_440)
        for series in range(1, len(ROUTES) + 1):
            expected = requests / DAYS / 1_440 / len(ROUTES) * of_day
            for status, part in STATUS.items():
                count = rng.poisson(expected * part)
                if count:
                    yield minute, series, status, *_cell(rng, series, count)


def _cell(rng: np.random.Generator, series: int, count: int) -> tuple[int, int, int, bytes]:
    latencies = np.exp(rng.normal(5 + series / 5, 0.8, count)).astype(np.int64)
    blob = histogram.pack(histogram.count(latencies))
    return count, int(latencies.sum()), int(latencies.max()), blob


def _records(start_us: int, span_us: int, count: int) -> Iterator[Record]:
    chance = random.Random(2)  # noqa: S311 - the same requests each time
    for number in range(count):
        route = chance.choice(ROUTES)
        status = chance.choices(list(STATUS), list(STATUS.values()))[0]
        latency_us = int(chance.lognormvariate(6, 1))
        moment = start_us + span_us * number // count
        yield Record(moment, "matriz", "GET", route, status, latency_us, {"db": latency_us * 500},
                     270, number.to_bytes(16, "big"), 3, 0, None)  # fmt: skip


def questions(path: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """Give the questions over the whole month, its edges within a minute."""
    files = [LogFile(path)]
    month = Filters(from_us=END_US - DAYS * 24 * HOUR_US, to_us=END_US)
    hour = Filters(from_us=END_US - HOUR_US, to_us=END_US, min_latency_us=0)

    def summary(filters: Filters, by: str | None) -> Callable[[], object]:
        asked = SummaryOf(filters, by, None, END_US)  # type: ignore[arg-type]
        return lambda: read_summary(files, asked)

    def heatmap(filters: Filters, rows: int) -> Callable[[], object]:
        return lambda: read_heatmap(files, HeatmapOf(filters, None, rows, END_US))

    for by in (None, "route", "facade", "status", "time"):
        yield f"summary of a month, by={by}", summary(month, by)
    for rows in (2, 8):
        yield f"heatmap of a month, {rows} rows an octave", heatmap(month, rows)
    weeks = CompareOf(Filters(from_us=END_US - 14 * 24 * HOUR_US), (None, None), "route", END_US)
    yield "14 days compared with those before, by=route", lambda: read_comparison(files, weeks)
    yield "heatmap of an hour's entries (min_latency_us)", heatmap(hour, 2)
    yield "summary of an hour's entries (min_latency_us)", summary(hour, None)


def make_entries(path: Path, entries: int) -> None:
    """Make a Log DB of so many entries of the last hour, as full load leaves it."""
    store, rng, words = open_store(path), np.random.default_rng(3), Vocabulary()
    numbers = [words.series.number(("matriz", "GET", route)) for route in ROUTES]
    for start in range(0, entries, limits.LOG_BATCH_ENTRIES_MAX):
        places = np.arange(start, min(start + limits.LOG_BATCH_ENTRIES_MAX, entries))
        latencies, same = np.exp(rng.normal(6, 1, len(places))).astype(np.int64), 0 * places
        batch = Batch(
            vocabulary=words,
            time_us=END_US - HOUR_US + places * HOUR_US // entries,
            series=rng.choice(numbers, len(places)),
            status=rng.choice(list(STATUS), len(places), p=list(STATUS.values())),
            latency_us=latencies,
            parts_us={"queue": latencies // 8, "db": latencies // 2},
            body_bytes=270 + latencies % 16,
            trace=np.zeros((len(places), 2), dtype=np.uint64),
            lag_ms=same,
            outbox=same,
            error=same,
        )
        store.write(batch, now_us=END_US)
    store.close()


def lists(path: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """Give the questions that entries answer."""
    files = [LogFile(path)]

    def page(filters: Filters, limit: int = 100) -> Callable[[], object]:
        return lambda: read_page(files, PageOf(filters, "desc", None, limit))

    yield "the newest 100 entries", page(Filters())
    yield "the newest 1,000 entries", page(Filters(), 1_000)
    yield "100 entries of half an hour ago", page(Filters(to_us=END_US - HOUR_US // 2))
    yield "the newest 100 of status 500", page(Filters(status=(500, 500)))
    yield "the slowest, above 50 ms, of all", page(Filters(min_latency_us=50_000))
    yield "a trace that is nowhere, in all", page(Filters(trace_id=b"no such trace ..."[:16]))
    slow = Filters(min_latency_us=2_000)
    yield (
        "summary of all above 2 ms, by=route",
        lambda: read_summary(files, SummaryOf(slow, "route", None, END_US)),
    )


def flushes(path: Path, entries: int) -> str:
    """Tell what writing so many entries takes, 0.15 s after the ones before."""
    store = open_store(path)
    took = []
    for number in range(200):
        start_us = END_US + number * 150_000
        batch = list(_records(start_us, 150_000, entries))
        began = time.thread_time()
        store.write(batch_of(batch), now_us=start_us)
        store.prune(start_us)
        took.append(time.thread_time() - began)
    store.close()
    return _told(took)


def _timed(ask: Callable[[], object], times: int) -> str:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        took.append(time.perf_counter() - began)
    return _told(took)


def _told(took: list[float]) -> str:
    worst = max(took)
    return f"p50 {statistics.median(took) * 1e3:.1f} ms, worst {worst * 1e3:.1f} ms"


def main() -> None:
    """Make the Log DB and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000_000)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--database", type=Path, help="made if it isn't there, and kept")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.database or Path(folder) / "logs.db"
        if not path.exists():
            began = time.perf_counter()
            make(path, options.requests)
            size_mb = sum(file.stat().st_size for file in path.parent.glob(path.name + "*")) / 1e6
            took_s = time.perf_counter() - began
            print(f"| made, {options.requests:,} requests | {took_s:.0f} s, {size_mb:.0f} MB |")
        for name, ask in questions(path):
            print(f"| {name} | {_timed(ask, options.times)} |", flush=True)
        if options.database is None:
            busy = Path(folder) / "busy.db"
            began = time.perf_counter()
            make_entries(busy, options.requests)
            took_s, size_mb = time.perf_counter() - began, busy.stat().st_size / 1e6
            told = f"{took_s:.0f} s, {size_mb:.0f} MB"
            print(f"| made, {options.requests:,} entries | {told} |")
            for name, ask in lists(busy):
                print(f"| {name} | {_timed(ask, 5)} |", flush=True)
        for entries in (30, 750, 9_000):
            took = flushes(Path(folder) / f"{entries}.db", entries)
            print(f"| flush of {entries} entries, processor | {took} |", flush=True)


if __name__ == "__main__":
    main()
