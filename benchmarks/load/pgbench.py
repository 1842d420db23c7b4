"""The transaction of a group of inserts, as pgbench runs it: the server's statements, no server.

Each is made of the constants that the server sends. Ids and documents are counted from the head
that the transaction takes, so that they are new each time; what a client's JSON, its change and its
receipt hold is that of one of the server's own rows.
"""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from clientela.server import audit_tables
from clientela.server.group_tables import CLIENTS, DOCUMENTS, TOMBSTONES, WRITES
from clientela.server.postgres_store import NOTIFY, TAKE_HEAD
from clientela.server.tables import ADD_CREATION, ADD_RECEIPT
from clientela.storage import bulk
from clientela.storage.engine import Value
from clientela.storage.register import ADD, APPEND, SET_HEAD

POSITION = "'0000000001_00000000000000000001'"
_RATE = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
_FAILED = re.compile(r"number of failed transactions: 0 ")


class Payload(NamedTuple):
    """What one row holds, as bytes."""

    value: bytes
    message: bytes
    write: bytes
    receipt: bytes


class _Script:
    """A ``clientela.storage.engine.Connection`` that notes its statements; values are SQL."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def execute(self, statement: str, parameters: Sequence[Value] = (), /) -> Any:
        values = iter(parameters)
        filled = re.sub(r"\?", lambda _: str(next(values)), statement)
        self.lines.append(" ".join(filled.split()) + ";")
        return iter(())

    def close(self) -> None:
        """Do nothing: there is no connection."""


def script(rows: int, payload: Payload) -> str:
    """Write the transaction of that many inserts."""
    noted = _Script()
    ids = [f"int8send(:version + {n}) || '\\x0123456789abcdef'::bytea" for n in range(1, rows + 1)]
    documents = [
        f"lpad(((:version + {n})::bigint * 7919000017 % 99999999999973)::text, 14, '0')"
        for n in range(1, rows + 1)
    ]
    value, message, write, receipt = (f"'\\x{part.hex()}'::bytea" for part in payload)
    noted.lines += ["BEGIN;", f"{' '.join(TAKE_HEAD.split())} \\gset"]
    for select, keys in ((WRITES, ids), (CLIENTS, ids), (TOMBSTONES, ids), (DOCUMENTS, documents)):
        list(bulk.found(noted, select, keys))
    held = list(zip(ids, documents, strict=True))
    inserts: Sequence[tuple[str, list[tuple[Value, ...]]]] = (
        (ADD, [(key, POSITION, document, value) for key, document in held]),
        (ADD_CREATION, [(key, key) for key in ids]),
        (APPEND, [(f":version + {n}", 1, key, 1, message) for n, key in enumerate(ids, start=1)]),
        (ADD_RECEIPT, [(key, write, receipt) for key in ids]),
        (
            audit_tables.ADD,
            [(1, "'insert'", key, key, "NULL", "NULL", "'127.0.0.1'") for key in ids],
        ),
    )
    for into, values in inserts:
        bulk.insert(noted, into, values)
    head = (":id", f":version + {rows}", ":digest", f":clients + {rows}", ":beginning")
    noted.execute(SET_HEAD, head)
    noted.execute(NOTIFY, ("'clientela_0198c5a27d317cc49f0e2b6a5d8e4c11'", POSITION))
    return "\n".join([*noted.lines, "COMMIT;", ""])


def rows_per_second(
    pgbench: Path, url: str, written: str, rows: int, *, clients: int, seconds: int
) -> float:
    """Let pgbench run a script of so many rows on prepared statements; gives rows a second."""
    options = ["--no-vacuum", "--protocol=prepared", f"--client={clients}", f"--time={seconds}"]
    command = [pgbench, *options, "--file=/dev/stdin", url]
    done = subprocess.run(command, input=written, capture_output=True, text=True, check=False)
    rate = _RATE.search(done.stdout)
    if done.returncode or rate is None or not _FAILED.search(done.stdout):
        raise RuntimeError(done.stderr[-2_000:] + done.stdout)
    return float(rate[1]) * rows
