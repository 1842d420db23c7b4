"""Entries as rows: what a batch that is too small for a block becomes."""

from collections.abc import Iterator
from typing import Any

import msgspec

from clientela.log_facade.batch import UNKNOWN, Batch, Column
from clientela.log_facade.blocks import new_nonce, traces

Row = tuple[Any, ...]


def of(batch: Batch, series: Column, first_seq: int) -> Iterator[Row]:
    """Give the rows of the table ``entries``, numbered from ``first_seq`` on."""
    errors = batch.vocabulary.errors
    traces_made = traces(batch, new_nonce(), first_seq).tobytes()
    return zip(
        batch.time_us.tolist(),
        range(first_seq, first_seq + len(batch)),
        series.tolist(),
        batch.status.tolist(),
        batch.latency_us.tolist(),
        _parts(batch),
        batch.body_bytes.tolist(),
        [traces_made[place : place + 16] for place in range(0, len(traces_made), 16)],
        map(_known, batch.lag_ms.tolist()),
        map(_known, batch.outbox.tolist()),
        [errors[number] for number in batch.error.tolist()],
        strict=True,
    )


def _known(number: int) -> int | None:
    return None if number == UNKNOWN else number


def _parts(batch: Batch) -> Iterator[str | None]:
    names = list(batch.parts_us)
    columns = [column.tolist() for column in batch.parts_us.values()]
    for row in zip(*columns, strict=True) if columns else [()] * len(batch):
        had = {name: us for name, us in zip(names, row, strict=True) if us != UNKNOWN}
        yield msgspec.json.encode(had).decode() if had else None
