"""How the routes about clients are documented, at the server and at a facade alike."""

from typing import Annotated, Any

import msgspec
from fastapi import Path, Query

from clientela import limits
from clientela.clients.ids import ID_PATTERN, NEW_ID_PATTERN, UUID_OF_ITS_OWN
from clientela.clients.model import Client, ClientPatch, NewClient
from clientela.clients.writes import Receipt, Write
from clientela.web.bodies import JSON, MERGE_PATCH
from clientela.web.feed_routes import messages_of
from clientela.web.lists import CSV, NDJSON
from clientela.web.openapi import answers, array_of, body, json_content, reference


class ChangeMessageHeaders(msgspec.Struct):
    """What a change says of itself; ``digest`` covers the whole register after it.

    ``erased`` is told of the erasure of a person alone: forget all that is held of that client.
    """

    operation: str
    version: str
    digest: str
    timestamp: str
    write_id: str
    facade: str | None = None
    actor: str | None = None
    erased: bool | msgspec.UnsetType = msgspec.UNSET


class ChangeMessage(msgspec.Struct):
    """A message of the feed: a change of one client; a deletion has no ``value``."""

    type: str
    key: str
    headers: ChangeMessageHeaders
    value: Client | None = None


class ClientHistory(msgspec.Struct):
    """The changes of one client, oldest first; what was before ``since`` is not known here."""

    client_id: str
    complete: bool
    since: str
    changes: list[ChangeMessage]


# What a spreadsheet of clients has; a version means nothing outside of its register.
CSV_COLUMNS = (
    "id",
    "name",
    "document",
    "phone",
    "email",
    "notes",
    "created_at",
    "updated_at",
)

SHAPES: tuple[type, ...] = (Client, NewClient, ClientPatch, Write, Receipt, ClientHistory)

Limit = Annotated[
    int | None,
    Query(
        ge=1,
        le=limits.PAGE_ITEMS_MAX,
        description="Clients in a page; without it the whole list is streamed.",
    ),
]
Cursor = Annotated[
    str | None,
    Query(
        description="Where the page before ended: from its Link header.",
        json_schema_extra={"pattern": ID_PATTERN},
    ),
]
ClientId = Annotated[str, Path(json_schema_extra={"pattern": ID_PATTERN})]
WriteId = Annotated[str, Path(json_schema_extra=UUID_OF_ITS_OWN)]


def _ok(schema: dict[str, Any], *media_types: str, description: str) -> dict[str, Any]:
    return {"description": description, "content": json_content(schema, *media_types)}


_CLIENT = _ok(reference(Client), description="The client.")
_WRITE_PROBLEMS = ("malformed", "bad-header", "media-type", "too-large", "overloaded", "disk-full")

_ROWS = {
    "description": f"A header, then one client per row: {', '.join(CSV_COLUMNS)}.",
    "type": "string",
}
_CLIENTS = {**json_content(array_of(Client), JSON, NDJSON), **json_content(_ROWS, CSV)}
LIST = answers(
    {200: {"description": "Clients, in the order of their ids.", "content": _CLIENTS}},
    "bad-parameter",
)
READ = answers({200: _CLIENT, 304: {"description": "Unchanged."}}, "malformed", "not-found", "gone")
CREATE = answers(
    {
        201: _ok(
            reference(Client),
            description="Inserted: Location, ETag and Clientela-Write tell of it. "
            "The client itself comes with Prefer: return=representation.",
        )
    },
    *_WRITE_PROBLEMS,
    "duplicate-document",
    "id-used",
    "gone",
    "invalid",
    "key-reused",
)
CHANGE = answers(
    {200: _CLIENT, 204: {"description": "Changed (Prefer: return=minimal)."}},
    *_WRITE_PROBLEMS,
    "not-found",
    "duplicate-document",
    "conflict",
    "gone",
    "precondition-failed",
    "invalid",
    "key-reused",
)
REMOVE = answers(
    {204: {"description": "Deleted."}},
    "malformed",
    "bad-header",
    "not-found",
    "conflict",
    "precondition-failed",
    "key-reused",
    "overloaded",
    "disk-full",
)
WRITE = answers(
    {200: _ok(array_of(Receipt), description="The receipts, in the order of the writes.")},
    *_WRITE_PROBLEMS,
)
RECEIPT = answers(
    {200: _ok(reference(Receipt), description="The receipt.")}, "malformed", "not-found"
)
HISTORY = answers(
    {200: _ok(reference(ClientHistory), description="The changes.")}, "malformed", "not-found"
)
CHANGES = messages_of(ChangeMessage, "Messages, or with live=sse events of them.")

_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A UUID: the write's id. The same request again gets the same receipt.",
    "schema": {"type": "string", "format": "uuid"},
}
# Where it becomes the id of a client that has none.
_KEY_OF_INSERT = {
    **_IDEMPOTENCY_KEY,
    "schema": {"type": "string", "format": "uuid", "pattern": NEW_ID_PATTERN},
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag that the client must still have.",
    "schema": {
        "type": "string",
        "format": "entity-tag",
        "pattern": r'^(\*|"(w-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{10}_[0-9]{20})")$',
        "examples": ['"0000000001_00000000000000000042"'],
    },
}
CREATE_REQUEST = {"parameters": [_KEY_OF_INSERT], **body(reference(NewClient))}
CHANGE_REQUEST = {
    "parameters": [_IDEMPOTENCY_KEY, _IF_MATCH],
    **body(reference(ClientPatch), MERGE_PATCH, JSON),
}
REMOVE_REQUEST = {"parameters": [_IDEMPOTENCY_KEY, _IF_MATCH]}
ERASE_REQUEST = {"parameters": [_IDEMPOTENCY_KEY]}
WRITE_REQUEST = body({**array_of(Write), "maxItems": limits.WRITES_PER_REQUEST_MAX})
