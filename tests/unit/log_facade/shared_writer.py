"""A process that writes into a shared Log DB, as a facade does: URL, facade, batches."""

import sys
import time

from clientela.log_facade.logs import writing
from clientela.log_facade.packing import batch_of
from clientela.log_facade.record import Record
from clientela.storage.urls import database_of

SIZES = (3, 250, 1)  # rows, a block, a row


def records(facade, count, first):
    for number in range(first, first + count):
        yield Record(
            time_us=time.time_ns() // 1_000,
            facade=facade,
            method="GET",
            route="/client",
            status=200,
            latency_us=number,
            parts_ns=None,
            body_bytes=1,
            trace_id=bytes(16),
            lag_ms=None,
            outbox=None,
            error=None,
        )


def main(url, facade, batches):
    store, written = writing(database_of(url)).open(), 0
    for number in range(batches):
        count = SIZES[number % len(SIZES)]
        now_us = time.time_ns() // 1_000
        store.write(batch_of(list(records(facade, count, written))), now_us=now_us)
        store.prune(now_us)
        written += count
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
