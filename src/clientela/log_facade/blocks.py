"""Entries as columns in one blob: how thousands of them are written at once, and read back.

A blob is the version of its format (1 byte), the CRC-32 of all that follows (4, little-endian), the
length of its header (4), the header (MessagePack, see ``_Header``) and the columns' bytes. Entries
are in the order of time, numbered on from ``first_seq``. A column of whole numbers keeps its least
and, of each, how much more it is: 0, 1, 2, 4 or 8 bytes each, little-endian, as few as all need.
Times are kept as distances from the entry before. 10 bytes an entry are usual.

Trace ids that callers gave stand behind the columns, 16 bytes each, after a bit for each entry that
says whether it has one there. All others are made of the header's 8 random bytes and the entry's
number, and take no room.
"""

import os
import struct
import zlib
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

from clientela.log_facade.batch import Batch, Column, Traces, traces_of

_VERSION = 1
_PREFIX = struct.Struct("<BII")
_CHECKED_FROM = 5
_PART = "part."
_NONCE_BYTES = 8


Places = slice | NDArray[np.intp]
_ALL = slice(None)


class DamagedBlockError(ValueError):
    """The bytes are not those that were written."""


class _Kept(msgspec.Struct, array_like=True):
    """A column's place among the bytes follows from the widths of those before."""

    name: str
    least: int
    width: int


class _Header(msgspec.Struct, array_like=True):
    count: int
    first_seq: int
    first_us: int
    nonce: bytes
    given: int  # how many traces stand behind the columns
    errors: list[str | None]  # what the column "error" numbers
    columns: list[_Kept]


_decode_header = msgspec.msgpack.Decoder(_Header).decode


def new_nonce() -> bytes:
    """Make what tells the traces of one batch from all others'; never zeros only."""
    return os.urandom(_NONCE_BYTES - 1) + b"\x01"


def traces(batch: Batch, nonce: bytes, first_seq: int) -> Traces:
    """Give the trace ids of a batch: made where no caller gave one."""
    made = _made_traces(nonce, first_seq, len(batch))
    given = _is_given(batch.trace)
    made[given] = batch.trace[given]
    return made


def _made_traces(nonce: bytes, first_seq: int, count: int) -> Traces:
    """Make trace ids of the nonce, and each entry's number mixed as SplitMix64 does.

    The mixing is one to one, so no two entries of a nonce share one.
    """
    mixed = np.arange(first_seq, first_seq + count, dtype=np.uint64) + np.uint64(1)
    mixed *= np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    made = np.empty((count, 2), dtype=np.uint64)
    made[:, 0] = np.frombuffer(nonce, dtype=np.uint64)
    made[:, 1] = mixed ^ (mixed >> np.uint64(31))
    return made


def _is_given(trace: Traces) -> NDArray[np.bool_]:
    given: NDArray[np.bool_] = (trace[:, 0] | trace[:, 1]) != 0
    return given


def encode(batch: Batch, series: Column, first_seq: int) -> bytes:
    """Write a batch, in the order of time, as a blob; ``series`` are numbers of the Log DB."""
    errors, error = _errors(batch)
    numbers = {
        "gap_us": np.diff(batch.time_us, prepend=batch.time_us[:1]),
        "series": series,
        "status": batch.status,
        "latency_us": batch.latency_us,
        "body_bytes": batch.body_bytes,
        "lag_ms": batch.lag_ms,
        "outbox": batch.outbox,
        "error": error,
        **{_PART + name: column for name, column in batch.parts_us.items()},
    }
    packed = [(name, *_packed(column)) for name, column in numbers.items()]
    given = _is_given(batch.trace)
    told = batch.trace[given]
    header = _Header(
        len(batch),
        first_seq,
        int(batch.time_us[0]),
        new_nonce(),
        len(told),
        errors,
        [_Kept(name, least, width) for name, least, width, _ in packed],
    )
    begun = msgspec.msgpack.encode(header)
    columns = [column.tobytes() for *_, column in packed]
    if len(told):
        columns += [np.packbits(given).tobytes(), told.tobytes()]
    checked = b"".join((len(begun).to_bytes(4, "little"), begun, *columns))
    return b"".join((bytes((_VERSION,)), zlib.crc32(checked).to_bytes(4, "little"), checked))


def _errors(batch: Batch) -> tuple[list[str | None], Column]:
    if not batch.error.any():
        return [None], batch.error
    numbers, places = np.unique(np.append(0, batch.error), return_inverse=True)
    return [batch.vocabulary.errors[number] for number in numbers.tolist()], places[1:]


def _packed(column: Column) -> tuple[int, int, NDArray[np.unsignedinteger]]:
    least = int(column.min())
    # Beyond 2^63 the difference wraps, and wraps back when it is read.
    more = (column - least).view(np.uint64)
    most = int(more.max())
    if not most:
        return least, 0, more[:0]
    width = next(width for width in (1, 2, 4, 8) if most < 1 << 8 * width)
    return least, width, more.astype(f"<u{width}")


class Block:
    """A blob, each of its columns read when it is asked for."""

    def __init__(self, blob: bytes) -> None:
        """Look at the header; raises DamagedBlockError."""
        try:
            version, check, length = _PREFIX.unpack_from(blob)
            if version != _VERSION or check != zlib.crc32(memoryview(blob)[_CHECKED_FROM:]):
                raise DamagedBlockError("its checksum is another")
            header = _decode_header(memoryview(blob)[_PREFIX.size : _PREFIX.size + length])
        except (struct.error, msgspec.DecodeError) as error:
            raise DamagedBlockError(str(error)) from error
        self._blob = blob
        self._header = header
        self._places: dict[str, tuple[_Kept, int]] = {}
        place = _PREFIX.size + length
        for kept in header.columns:
            self._places[kept.name] = kept, place
            place += kept.width * header.count
        self._end = place
        self.first_seq = header.first_seq
        self.errors = header.errors

    def __len__(self) -> int:
        """Say how many entries there are."""
        return self._header.count

    def column(self, name: str, places: Places = _ALL) -> Column:
        """Give a column of numbers, or what is in these places of it.

        ``UNKNOWN`` is -1. Raises KeyError for a name that is none of a column.
        """
        kept, place = self._places[name]
        if not kept.width:
            return np.broadcast_to(np.int64(kept.least), len(self))[places]
        more = np.frombuffer(self._blob, f"<u{kept.width}", len(self), place)[places]
        return more.astype(np.int64) + kept.least

    @cached_property
    def time_us(self) -> Column:
        """Give the times, ascending."""
        return self._header.first_us + np.cumsum(self.column("gap_us"))

    @property
    def parts(self) -> list[str]:
        """Give the names of the parts; each is a column ``part.NAME``."""
        return [name.removeprefix(_PART) for name in self._places if name.startswith(_PART)]

    def part(self, name: str, places: Places = _ALL) -> Column:
        """Give a part's column, in microseconds."""
        return self.column(_PART + name, places)

    def has_trace(self, trace: Traces, places: Places) -> NDArray[np.bool_]:
        """Tell which entries in these places have this trace id."""
        nonce = np.frombuffer(self._header.nonce, dtype=np.uint64)
        if not self._header.given and nonce[0] != trace[0, 0]:
            return np.zeros(len(self), dtype=np.bool_)[places]  # none can be made of that nonce
        found: NDArray[np.bool_] = (self.trace[places] == trace).all(axis=1)
        return found

    @cached_property
    def trace(self) -> Traces:
        """Give the trace ids."""
        made = _made_traces(self._header.nonce, self.first_seq, len(self))
        if self._header.given:
            bits = np.frombuffer(self._blob, np.uint8, -(-len(self) // 8), self._end)
            given = np.unpackbits(bits, count=len(self)).astype(bool)
            made[given] = traces_of(self._blob[self._end + len(bits) :])
        return made
