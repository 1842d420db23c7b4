"""All that is wrong in a file, read as it is at one moment, while its owner goes on writing.

A backup is refused at the first thing that is wrong; here every row is looked at, and all is told.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import apsw
import msgspec

from clientela import limits
from clientela.clients import digest
from clientela.clients.changes import decode_change
from clientela.clients.ids import id_text
from clientela.clients.model import Client
from clientela.feed.position import Position
from clientela.storage.backup import Kind, Progress, opened
from clientela.storage.database import snapshot
from clientela.storage.register import Head, RegisterTables

CLIENTS = """
SELECT c.id, c.version, c.document, c.value, m.message, t.id IS NOT NULL
FROM clients c LEFT JOIN changes m ON m.version = CAST(substr(c.version, 12) AS INTEGER)
LEFT JOIN tombstones t ON t.id = c.id
"""
CHANGES = "SELECT epoch, version, client_id, message FROM changes ORDER BY version"

_decode_client = msgspec.json.Decoder(Client).decode


def inspect(path: Path, kind: Kind, progress: Progress) -> list[str]:
    """Give what is wrong in a file, at most ``CHECK_FINDINGS_MAX`` of it; nothing is changed.

    Raises StartupError when it is not there, or of another kind.
    """
    connection = opened(path, kind)
    try:
        with snapshot(connection):
            return list(islice(_findings(connection, kind, progress), limits.CHECK_FINDINGS_MAX))
    except (apsw.Error, msgspec.DecodeError, ValueError) as error:
        return [f"it can't be read: {error}"]
    finally:
        connection.close()


def _findings(connection: apsw.Connection, kind: Kind, progress: Progress) -> Iterator[str]:
    progress("The file", 0, 1)
    told = connection.execute(f"PRAGMA integrity_check({limits.CHECK_FINDINGS_MAX})").fetchall()
    progress("The file", 1, 1)
    if told != [("ok",)]:
        yield from (f"damaged: {finding}" for (finding,) in told)
        return
    contradiction = kind.check(connection, progress)
    if contradiction is not None:
        yield contradiction
    yield from kind.details(connection, progress)


def rows_in_detail(connection: apsw.Connection, progress: Progress) -> Iterator[str]:
    """Look at every client and every change of a register, or of a replica."""
    head = RegisterTables(connection).head()
    if head is not None:
        yield from _clients(connection, head, progress)
        yield from _changes(connection, head, progress)


def _clients(connection: apsw.Connection, head: Head, progress: Progress) -> Iterator[str]:
    """Each client is what its row says, and what its last change made of it."""
    for number, row in enumerate(connection.execute(CLIENTS)):
        key, version, document, value, message, buried = row
        if number % limits.VERIFY_STEP_ROWS == 0:
            progress("Clients", number, head.clients)
        client, name = _decode_client(value), f"client {id_text(key)}"
        if (client.id, client.version, client.document) != (id_text(key), version, document):
            yield f"{name}: its value does not say what its row says"
        if buried:
            yield f"{name}: it is living and deleted"
        if Position.parse(version).version > head.beginning and (
            not message or decode_change(message).value_bytes != value
        ):
            yield f"{name}: it is not what its last change, {version}, made of it"
    progress("Clients", head.clients, head.clients)


def _changes(connection: apsw.Connection, head: Head, progress: Progress) -> Iterator[str]:
    """Each change stands where it says; what was erased has left its number only."""
    count, last = head.position.version - head.beginning, (0, "")
    for number, (epoch, version, key, message) in enumerate(connection.execute(CHANGES)):
        if number % limits.VERIFY_STEP_ROWS == 0:
            progress("Changes", number, count)
        if not message:
            continue
        change, position = decode_change(message), Position(epoch, version)
        last = version, change.headers.digest
        if (change.headers.version, change.key) != (str(position), id_text(key)):
            yield f"change {position}: it says that it is {change.headers.version}"
    progress("Changes", count, count)
    if last[0] == head.position.version > 0 and last[1] != digest.to_hex(head.digest):
        yield "its digest is not the one that its last change tells"
