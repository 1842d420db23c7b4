"""What a person can do with a change that the register lost: see it, offer it again, discard it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import uuid_utils

from clientela.client_facade.clients import FacadeClients
from clientela.client_facade.lost_tables import Lost
from clientela.client_facade.replica import Replica
from clientela.clients.model import FIELDS, Client
from clientela.clients.times import rfc3339
from clientela.clients.writes import Receipt, Write, parse_write
from clientela.errors import ClientelaError
from clientela.storage.register import Row
from clientela.web import write_requests
from clientela.web.lists import Page, place_of
from clientela.web.write_requests import Origin

_decode_client = msgspec.json.Decoder(Client).decode
_Values = Mapping[str, str | None]


class Offers:
    """The lost changes by the ids of their writes; belongs to the event loop's thread."""

    def __init__(self, replica: Replica, clients: FacadeClients) -> None:
        self._replica = replica
        self._clients = clients

    async def page(self, cursor: str | None, limit: int) -> Page:
        """Give lost changes as JSON, in the order in which the register once took them."""
        after = 0 if cursor is None else place_of(cursor)
        found = self._replica.lost.page(after, limit + 1)
        following = str(found[limit - 1].seq) if len(found) > limit else None
        return [self._told(lost) for lost in found[:limit]], following

    def _told(self, lost: Lost) -> bytes:
        """Give the change as it came by, with what is known beside it."""
        more = {
            "lost_at": rfc3339(datetime.fromtimestamp(lost.lost_ms / 1000, UTC)),
            "before": msgspec.Raw(lost.before) if lost.before else None,
            "write": self._write_of(lost.change.headers.write_id),
        }
        return lost.message[:-1] + b"," + msgspec.json.encode(more)[1:]

    async def offer(self, write_id: str, origin: Origin) -> Receipt:
        """Write a lost change once more, by a new write; it stays lost when that is refused.

        Raises ClientelaError: ``not-found``, or why it was refused.
        """
        lost = self._found(write_id)
        parsed = parse_write(self._again(lost))
        (receipt,) = await self._clients.submit([parsed], origin)
        if receipt.outcome == "refused":
            raise write_requests.refusal(receipt)
        await self._replica.close_lost(write_id, offered=True)
        return receipt

    async def discard(self, write_id: str) -> None:
        """Let a lost change go for good; raises ClientelaError ``not-found``."""
        self._found(write_id)
        await self._replica.close_lost(write_id, offered=False)

    def _found(self, write_id: str) -> Lost:
        lost = self._replica.lost.find(write_id)
        if lost is None:
            raise ClientelaError("not-found", "The register has not lost a change of this write.")
        return lost

    def _write_of(self, write_id: str) -> Write | None:
        entry = self._replica.outbox.find(write_id)
        return entry.write if entry else None

    def _again(self, lost: Lost) -> dict[str, Any]:
        """Make the write: its own where it came in here, else what the change tells of it."""
        change = lost.change
        own = self._write_of(change.headers.write_id)
        operation = change.headers.operation
        before = self._before(lost)
        after = _fields(change.value_bytes)
        touched = {field for field in FIELDS if before.get(field) != after.get(field)}
        values: _Values = {field: after.get(field) for field in touched}
        was: _Values = {field: before.get(field) for field in touched}
        if operation == "delete":
            values, was = {}, before
        return {
            "write_id": str(uuid_utils.uuid7()),
            "operation": operation,
            "client_id": change.key,
            "set": own.set if own else values,
            "was": {} if operation == "insert" else own.was if own else was,
            "at": own.at if own else rfc3339(datetime.now(UTC)),
        }

    def _before(self, lost: Lost) -> _Values:
        """Give the client before a change; where that is not known, as the register has it now."""
        if lost.change.headers.operation == "insert":
            return {}
        if lost.before is not None:
            return _fields(lost.before)
        row = self._replica.tables.client(lost.change.key)
        return _fields(row.value) if isinstance(row, Row) else {}


def _fields(value: bytes) -> _Values:
    return _decode_client(value).fields() if value else {}
