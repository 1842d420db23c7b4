"""``GET /audit``: who did what to which client, when, and from where."""

from functools import partial
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from clientela import limits
from clientela.clients.ids import ID_PATTERN, parse_client_id
from clientela.log_facade.parameters import time_of
from clientela.log_facade.times import format_time
from clientela.server.audit_tables import Act, Asked, AuditTables
from clientela.server.register import Register
from clientela.server.tables import ServerTables
from clientela.web.lists import CSV, NDJSON, NUMBER_PATTERN, Order, Page, list_response, place_of
from clientela.web.openapi import answers, array_of, json_content, reference

Action = Literal["insert", "update", "delete", "erase", "export"]


class AuditEntry(msgspec.Struct):
    """One act: a write that was decided, an erasure, or an export of a person's data.

    ``time`` is null for what was decided before there was a trail. ``outcome``, ``version`` and
    ``reason`` (a code) are those of the write's receipt; ``facade`` and ``actor`` are names,
    ``address`` is that of the connection: behind a facade, the facade's.
    """

    id: int
    time: str | None
    action: Action
    client_id: str
    write_id: str | None
    outcome: str | None
    version: str | None
    reason: str | None
    facade: str | None
    actor: str | None
    address: str | None


_Text = Annotated[str | None, Query(min_length=1)]
_Time = Annotated[
    str | None,
    Query(examples=["2026-11-23T20:00:00Z"], json_schema_extra={"format": "date-time"}),
]
_ROWS = {"description": "A header with the members' names, then one entry per row."}
_CONTENT: dict[str, Any] = {
    **json_content(array_of(AuditEntry)),
    **json_content({"description": "One entry per line.", **reference(AuditEntry)}, NDJSON),
    **json_content({**_ROWS, "type": "string"}, CSV),
}
_ENTRIES = answers(
    {200: {"description": "The entries.", "content": _CONTENT}}, "malformed", "bad-parameter"
)


def _asked(
    *,
    client: Annotated[
        str | None, Query(description="A client's id.", json_schema_extra={"pattern": ID_PATTERN})
    ] = None,
    actor: Annotated[_Text, Query(description="A name, as in the entries.")] = None,
    facade: Annotated[_Text, Query(description="A facade's name.")] = None,
    action: Annotated[Action | None, Query(description="What was done.")] = None,
    from_: Annotated[
        _Time, Query(alias="from", description="RFC 3339; this moment or later.")
    ] = None,
    to: Annotated[_Time, Query(description="RFC 3339; before this moment.")] = None,
) -> Asked:
    return Asked(
        client_id=None if client is None else parse_client_id(client),
        actor=actor,
        facade=facade,
        action=action,
        from_us=time_of("from", from_),
        to_us=time_of("to", to),
    )


def audit_routes(register: Register) -> APIRouter:
    """Make the route over the trail."""
    router = APIRouter(tags=["personal data"], default_response_class=Response)

    @router.get("/audit", responses=_ENTRIES)
    async def audit(
        request: Request,
        asked: Annotated[Asked, Depends(_asked)],
        limit: Annotated[
            int | None,
            Query(ge=1, le=limits.PAGE_ITEMS_MAX, description="Entries per page; else all."),
        ] = None,
        cursor: Annotated[
            str | None,
            Query(
                description="From the Link of the page before.",
                json_schema_extra={"pattern": NUMBER_PATTERN},
            ),
        ] = None,
        order: Annotated[
            Order, Query(description="Newest first (desc), or oldest (asc).")
        ] = "desc",
    ) -> Response:
        """Tell who did what to which client, when, and from where: newest first."""

        async def read_page(after: str | None, items: int) -> Page:
            place = None if after is None else place_of(after)
            found = await register.read(partial(_page, asked, place, items + 1, order))
            following = str(found[items - 1].seq) if len(found) > items else None
            return [msgspec.json.encode(told(act)) for act in found[:items]], following

        return await list_response(
            request,
            read_page,
            limit=limit,
            cursor=cursor,
            headers={"Cache-Control": "no-store"},
            columns=AuditEntry.__struct_fields__,
        )

    return router


def _page(
    asked: Asked, place: int | None, items: int, order: Order, tables: ServerTables
) -> list[Act]:
    audit = AuditTables(tables.connection)
    return audit.page(asked, place, items, descending=order == "desc")


def told(act: Act) -> AuditEntry:
    """Give an act as it is told."""
    receipt = act.receipt
    return AuditEntry(
        id=act.seq,
        time=None if act.at_us is None else format_time(act.at_us),
        action=act.action,  # type: ignore[arg-type] # the table has no others
        client_id=act.client_id,
        write_id=act.write_id,
        outcome=receipt.outcome if receipt else None,
        version=receipt.version if receipt else None,
        reason=receipt.reason.code if receipt and receipt.reason else None,
        **act.source._asdict(),
    )
