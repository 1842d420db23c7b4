"""Entries of a block as JSON, in the words in which the engines write those of rows."""

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from clientela.log_facade.batch import UNKNOWN
from clientela.log_facade.blocks import Block
from clientela.log_facade.database import Connection

Item = tuple[str, str]
"""An entry's id, and its JSON."""

_SERIES = "SELECT id, facade, method, route FROM series"
_ID_BYTES = 16
_ENTRY = (
    '{"id":"%s","time":"%sZ",%s,"status":%d,"latency_us":%d,"parts":{%s},"bytes":%d,'
    '"trace_id":"%s","lag_ms":%s,"outbox":%s,"error":%s}'
)


class Renderer:
    """Writes the entries of one log, which is told from others by its ``source``."""

    def __init__(self, connection: Connection, source: int) -> None:
        self._source = source
        self._series = {
            number: f'"facade":{_json(facade)},"method":{_json(method)},"route":{_json(route)}'
            for number, facade, method, route in connection.execute(_SERIES)
        }

    def items(self, block: Block, places: NDArray[np.intp]) -> list[Item]:
        """Write the entries in these places of a block."""
        ids = _hex(self._ids(block, places))
        errors = [_json(error) for error in block.errors]
        written = zip(
            ids,
            np.datetime_as_string(block.time_us[places].astype("datetime64[us]")).tolist(),
            map(self._series.__getitem__, block.column("series", places).tolist()),
            block.column("status", places).tolist(),
            block.column("latency_us", places).tolist(),
            _parts(block, places),
            block.column("body_bytes", places).tolist(),
            _hex(block.trace[places]),
            map(_known, block.column("lag_ms", places).tolist()),
            map(_known, block.column("outbox", places).tolist()),
            map(errors.__getitem__, block.column("error", places).tolist()),
            strict=True,
        )
        return list(zip(ids, map(_ENTRY.__mod__, written), strict=True))

    def _ids(self, block: Block, places: NDArray[np.intp]) -> NDArray[np.unsignedinteger]:
        """Give the ids: 7 bytes of the time, 4 of the source, 5 of the number."""
        ids = np.empty((len(places), 2), dtype=">u8")
        ids[:, 0] = (block.time_us[places] << 8) | (self._source >> 24)
        seqs = (places + block.first_seq).astype(np.uint64)
        ids[:, 1] = seqs | np.uint64((self._source & 0xFFFFFF) << 40)
        return ids


def _json(value: str | None) -> str:
    return msgspec.json.encode(value).decode()


def _hex(ids: NDArray[np.unsignedinteger]) -> list[str]:
    joined = ids.tobytes().hex()
    return [joined[place : place + 32] for place in range(0, len(joined), 32)]


def _known(number: int) -> str:
    return "null" if number == UNKNOWN else str(number)


def _parts(block: Block, places: NDArray[np.intp]) -> Iterable[str]:
    """Write what stands within the braces of each entry's parts."""
    columns = [block.part(name, places) for name in block.parts]
    if not columns:
        return [""] * len(places)
    named = [_json(name).replace("%", "%%") + ":%d" for name in block.parts]
    rows = zip(*(column.tolist() for column in columns), strict=True)
    if all((column != UNKNOWN).all() for column in columns):  # as in most blocks, and quicker
        return map(",".join(named).__mod__, rows)
    return (_those_known(named, row) for row in rows)


def _those_known(named: Sequence[str], row: Sequence[int]) -> str:
    known = (part % us for part, us in zip(named, row, strict=True) if us != UNKNOWN)
    return ",".join(known)
