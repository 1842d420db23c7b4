"""What reads show of a client with open writes: its row with these writes applied in order."""

from collections.abc import Sequence
from typing import Any

import msgspec

from clientela.client_facade.outbox_tables import Entry
from clientela.clients.model import FIELDS
from clientela.clients.writes import Write
from clientela.storage.register import Row, Tombstone


def has_base(row: Row | Tombstone | None, entries: Sequence[Entry]) -> bool:
    """Tell whether there is a client to show: a row, or an insert that waits."""
    return isinstance(row, Row) or (row is None and entries[0].write.operation == "insert")


def applied(row: Row | Tombstone | None, entries: Sequence[Entry]) -> tuple[str, bytes | None]:
    """Apply open writes to a row: gives the tag that stands for it, and its JSON."""
    client: dict[str, Any] | None = None
    version: str | None = None
    if isinstance(row, Row):
        client, version = msgspec.json.decode(row.value), row.version
    for entry in entries:
        write = entry.write
        if write.operation == "delete":
            client = None
        elif write.operation == "insert":
            client = client or _inserted(write)  # a row is newer than what created it
        elif client is not None:
            client |= write.set
        version = max(entry.receipt.version or "", version or "") or None  # texts sort as positions
    pending = [entry.write.write_id for entry in entries if entry.state == "pending"]
    tag = f"w-{pending[-1]}" if pending else version or ""
    if client is None:
        return tag, None
    if pending:
        return tag, msgspec.json.encode(client | {"pending": pending})
    return tag, msgspec.json.encode(client | {"version": version})


def _inserted(write: Write) -> dict[str, Any]:
    """Give a client that is in no register yet."""
    blank: dict[str, Any] = {"id": write.client_id, **dict.fromkeys(FIELDS)}
    return blank | write.set | {"created_at": None, "updated_at": None, "version": None}
