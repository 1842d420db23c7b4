"""What a person can do with a write that waits, or was refused: send, edit, discard."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import uuid_utils

from clientela.client_facade.outbox_tables import Entry
from clientela.client_facade.replica import Replica
from clientela.client_facade.sender import Sender
from clientela.clients.model import FIELDS, Client
from clientela.clients.times import rfc3339
from clientela.clients.writes import ParsedWrite, Receipt, parse_write
from clientela.errors import ClientelaError, FieldError
from clientela.storage.register import Row
from clientela.web import write_requests

_decode_client = msgspec.json.Decoder(Client).decode


class WaitingWrites:
    """The facade's own writes, by their ids; belongs to the event loop's thread."""

    def __init__(self, replica: Replica, sender: Sender) -> None:
        self._replica = replica
        self._sender = sender

    async def retry(self, write_id: str, actor: str | None) -> Receipt:
        """Send a pending write now, or a refused one once more: as a new write of ``actor``."""
        entry = self._entry(write_id)
        if entry.state == "pending":
            self._sender.wake()
            return entry.receipt
        return await self._supersede(entry, entry.write.set, entry.write.was, actor)

    async def edit(self, write_id: str, body: Any, actor: str | None) -> Receipt:
        """Send a refused write with other content, against what the register holds now."""
        entry = self._entry(write_id)
        values = _set_of(body)
        fields = FIELDS if entry.write.operation == "delete" else tuple(values)
        return await self._supersede(entry, values, self._registered(entry, fields), actor)

    async def discard(self, write_id: str) -> None:
        """Close a refused write for good."""
        entry = self._entry(write_id)
        if entry.state == "pending":
            raise ClientelaError(
                "conflict",
                "This write may be with the server already: wait for its verdict, then decide.",
            )
        await self._replica.discard(entry)

    def _entry(self, write_id: str) -> Entry:
        entry = self._replica.outbox.find(write_id)
        if entry is None:
            raise ClientelaError("not-found", "No write with this id waits here.")
        if entry.state not in ("pending", "refused"):
            raise ClientelaError("conflict", f"This write is closed: it is {entry.state}.")
        return entry

    def _registered(self, entry: Entry, fields: tuple[str, ...]) -> dict[str, str | None]:
        """Give what the register holds: the replica's row, without anything that waits here."""
        if entry.write.operation == "insert":
            return {}
        row = self._replica.tables.client(entry.write.client_id)
        held = _decode_client(row.value).fields() if isinstance(row, Row) else {}
        return {field: held.get(field) for field in fields}

    async def _supersede(
        self,
        entry: Entry,
        values: Mapping[str, Any],
        was: Mapping[str, str | None],
        actor: str | None,
    ) -> Receipt:
        if entry.state != "refused":
            raise ClientelaError("conflict", "Only a refused write can be edited.")
        old = entry.write
        raw = {
            "write_id": str(uuid_utils.uuid7()),
            "operation": old.operation,
            "client_id": old.client_id,
            "set": dict(values),
            "was": dict(was),
            "at": rfc3339(datetime.now(UTC)),
        }
        parsed: ParsedWrite = parse_write(raw)
        if parsed.errors:
            raise write_requests.invalid(list(parsed.errors))
        receipt = await self._replica.supersede(entry, parsed, actor)
        if receipt.outcome == "refused":
            raise write_requests.refusal(receipt)
        self._sender.wake()
        return receipt


def _set_of(body: Any) -> dict[str, Any]:
    values = body.get("set", {}) if isinstance(body, dict) else None
    if not isinstance(values, dict) or set(body) - {"set"}:
        detail = 'Send the new content as {"set": {…}}, with the fields of a client.'
        raise ClientelaError("malformed", detail, errors=[FieldError("set", "type", detail)])
    return values
