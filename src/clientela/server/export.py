"""All that the server holds of one person, as one JSON document, and who else holds some of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from clientela import limits
from clientela.clients.model import Client
from clientela.clients.times import rfc3339
from clientela.clients.writes import Receipt, Write
from clientela.errors import ClientelaError
from clientela.server.audit_routes import AuditEntry, told
from clientela.server.audit_tables import Asked, AuditTables
from clientela.server.tables import ServerTables
from clientela.storage.register import Row
from clientela.web.client_docs import ChangeMessage
from clientela.web.facade_reports import KnownFacade

EXPORTED = "export"  # the name of the act in the audit trail


class DecidedWrite(msgspec.Struct):
    """A write as it was sent, with the receipt that answered it."""

    write: Write
    receipt: Receipt


class Place(msgspec.Struct):
    """A place that holds data of this person; ``seen_at`` is when a facade last reported."""

    place: str
    holds: list[str]
    seen_at: str | None = None


class PersonExport(msgspec.Struct):
    """Everything that the register holds of one person.

    ``named_by`` are refused writes of other clients whose receipts name this one as the holder of a
    document. Writes that wait at a facade, or were refused to it, are told by that facade alone.
    """

    client_id: str
    register: str
    exported_at: str
    state: Literal["living", "deleted", "erased"]
    client: Client | None
    history: list[ChangeMessage]
    writes: list[DecidedWrite]
    named_by: list[str]
    audit: list[AuditEntry]
    where: list[Place]


SHAPES: tuple[type, ...] = (PersonExport, AuditEntry)


def export(
    tables: ServerTables, client_id: str, facades: Sequence[KnownFacade], now: datetime
) -> bytes:
    """Give the JSON of a ``PersonExport``, its parts as they are stored.

    Raises ClientelaError ``not-found`` for an id that never was a client's.
    """
    found, head = tables.client(client_id), tables.head()
    if found is None or head is None:
        raise ClientelaError("not-found", "No client has this id.")
    erased = tables.erasures.of(client_id) is not None
    living = isinstance(found, Row)
    audit = AuditTables(tables.connection)
    decided = [tables.receipt(write_id) for write_id in audit.writes_of(client_id)]
    acts = audit.page(Asked(client_id), None, limits.AUDIT_EXPORTED_ITEMS_MAX, descending=False)
    body: dict[str, Any] = {
        "client_id": client_id,
        "register": head.register,
        "exported_at": rfc3339(now),
        "state": "living" if living else "erased" if erased else "deleted",
        "client": msgspec.Raw(found.value) if isinstance(found, Row) else None,
        "history": [msgspec.Raw(change) for change in tables.history(client_id)],
        "writes": [DecidedWrite(one.write, one.receipt) for one in decided if one],
        "named_by": audit.naming(client_id),
        "audit": [told(act) for act in acts],
        "where": _where(facades, living=living),
    }
    return msgspec.json.encode(body)


def _where(facades: Sequence[KnownFacade], *, living: bool) -> list[Place]:
    replica = ["client", "history"] if living else ["history"]
    holds = [*replica, "writes", "audit"]
    at_facades = [Place(f"facade {one.name}", replica, one.seen_at) for one in facades]
    return [Place("server", holds), *at_facades]
