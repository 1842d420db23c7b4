"""The HTTP of a register of clients, the same at the server and at a facade but for addresses."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple, Protocol

import msgspec
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from clientela import limits
from clientela.clients.ids import parse_client_id, parse_write_id
from clientela.clients.times import rfc3339
from clientela.clients.writes import ParsedWrite, Receipt, parse_write
from clientela.errors import ClientelaError
from clientela.feed.position import Position
from clientela.storage.register import Page, Row, Tombstone
from clientela.web import write_requests
from clientela.web.bodies import JSON, MERGE_PATCH, json_body
from clientela.web.client_docs import CSV_COLUMNS
from clientela.web.list_pages import ListPages, ReadPage, Target
from clientela.web.lists import Order, bad_cursor, format_of, gzip_is_taken, list_response
from clientela.web.lists import Page as ListPart
from clientela.web.recent_changes import RecentChanges
from clientela.web.write_requests import Origin, origin_of


class History(NamedTuple):
    """The changes known of one client, oldest first; ``since`` is where this knowledge begins."""

    changes: Sequence[bytes]
    since: Position
    complete: bool


class Clients(Protocol):
    """What a server and a facade give to these handlers."""

    def address(self, client_id: str) -> str:
        """Give the path of one client."""
        ...

    async def read_headers(self, headers: Headers) -> dict[str, str]:
        """Give the headers of a read; raises ClientelaError when its demands can't be met."""
        ...

    async def find(self, client_id: str) -> Row | Tombstone | None:
        """Look one client up."""
        ...

    async def page(self, after: str | None, limit: int, order: Order) -> Page:
        """Give clients in the order of their ids."""
        ...

    def digest_now(self) -> bytes | None:
        """Give the digest of all clients that are shown; None while it does not tell them all."""
        ...

    async def submit(self, writes: Sequence[ParsedWrite], origin: Origin) -> list[Receipt]:
        """Have writes decided; raises ClientelaError when that is not possible now."""
        ...

    async def receipt(self, write_id: str) -> Receipt | None:
        """Look a receipt up."""
        ...

    async def history(self, client_id: str) -> History:
        """Give what is known of a client's past."""
        ...


class ClientHandlers:
    """Answers the requests about clients; every error is a ClientelaError."""

    def __init__(self, clients: Clients, recent: RecentChanges | None = None) -> None:
        """``recent`` are the changes of ``clients``, where they are told."""
        self._clients = clients
        self.pages = ListPages(clients.digest_now, recent)

    async def list(
        self, request: Request, limit: int | None, cursor: str | None, order: Order
    ) -> Response:
        """Answer the whole register, or a page of it in the order of ids."""
        after = None if cursor is None else _cursor(cursor)
        headers = await self._clients.read_headers(request.headers)
        form = format_of(request.headers.get("accept", ""), CSV_COLUMNS)
        if limit is not None and not form.columns:
            target = Target(request.url.path, request.url.query, form)
            return await self._kept_page(
                request, target, headers, partial(self._clients.page, after, limit, order)
            )

        async def read_page(after: str | None, limit: int) -> ListPart:
            page = await self._clients.page(after, limit, order)
            return page.items, page.following

        return await list_response(
            request, read_page, limit=limit, cursor=after, headers=headers, columns=CSV_COLUMNS
        )

    async def _kept_page(
        self, request: Request, target: Target, told: dict[str, str], read: ReadPage
    ) -> Response:
        """Answer a page, or 304 when the caller has it."""
        page = self.pages.get(target) or await self.pages.make(target, read)
        takes_gzip = gzip_is_taken(request.headers.get("accept-encoding", ""))
        own, body = self.pages.sent(target, page, gzip=takes_gzip)
        headers = {**told, **own}
        if "ETag" in own and _known(own["ETag"], request.headers.getlist("if-none-match")):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type=target.form.media_type)

    async def read(self, request: Request, client_id: str) -> Response:
        """Answer one client, or 304 when the caller has this version."""
        headers = await self._clients.read_headers(request.headers)
        with _telling(headers):
            row = _living(await self._clients.find(parse_client_id(client_id)))
        headers["ETag"] = etag(row.version)
        if _known(headers["ETag"], request.headers.getlist("if-none-match")):
            return Response(status_code=304, headers=headers)
        return Response(row.value, headers=headers, media_type=JSON)

    async def create(self, request: Request) -> Response:
        """Insert a client: 201 with ``Location`` and ``ETag``; 202 when the server comes later."""
        key = write_requests.write_id(request.headers)
        with _naming_write(key):
            write = write_requests.insert(await json_body(request), key, _now())
            receipt = await self._accepted(write, request)
            headers = _write_headers(receipt)
            headers["Location"] = self._clients.address(receipt.client_id)
            status = _unless_pending(receipt, 201)
            if write_requests.prefers(request.headers, "representation"):
                return await self._representation(receipt, headers, status)
            return Response(status_code=status, headers=headers)

    async def change(self, request: Request, client_id: str) -> Response:
        """Change a client: 200 with the client, 204 with ``Prefer: return=minimal``."""
        key = write_requests.write_id(request.headers)
        with _naming_write(key):
            match = write_requests.if_match(request.headers)
            body = await json_body(request, media_types=(JSON, MERGE_PATCH))
            seen, match = await self._seen(client_id, match)
            write = write_requests.update(body, seen, key, _now(), match)
            receipt = await self._accepted(write, request)
            headers = _write_headers(receipt)
            if write_requests.prefers(request.headers, "minimal"):
                return Response(status_code=_unless_pending(receipt, 204), headers=headers)
            return await self._representation(receipt, headers, _unless_pending(receipt, 200))

    async def remove(self, request: Request, client_id: str) -> Response:
        """Delete a client: 204, also when it was deleted before."""
        key = write_requests.write_id(request.headers)
        with _naming_write(key):
            match = write_requests.if_match(request.headers)
            seen, match = await self._seen(client_id, match)
            write = write_requests.delete(seen, key, _now(), match)
            receipt = await self._accepted(write, request)
            status = _unless_pending(receipt, 204)
            return Response(status_code=status, headers=_write_headers(receipt))

    async def write(self, request: Request) -> Response:
        """Decide a batch of writes: their receipts, in the same order."""
        body = await json_body(request, bound=limits.BATCH_BODY_BYTES_MAX)
        if not isinstance(body, list):
            raise ClientelaError("malformed", "Send an array of writes.")
        if len(body) > limits.WRITES_PER_REQUEST_MAX:
            bound = limits.WRITES_PER_REQUEST_MAX
            raise ClientelaError("too-large", f"Send at most {bound} writes at a time.")
        writes = [parse_write(raw, index=index) for index, raw in enumerate(body)]
        receipts = await self._clients.submit(writes, origin_of(request))
        return Response(msgspec.json.encode(receipts), media_type=JSON)

    async def receipt(self, write_id: str) -> Response:
        """Answer the receipt of a write."""
        receipt = await self._clients.receipt(parse_write_id(write_id))
        if receipt is None:
            raise ClientelaError("not-found", "No write with this id was ever decided here.")
        return Response(msgspec.json.encode(receipt), media_type=JSON)

    async def history(self, request: Request, client_id: str) -> Response:
        """Answer the changes of one client, oldest first, and where that knowledge begins."""
        headers = await self._clients.read_headers(request.headers)
        with _telling(headers):
            key = parse_client_id(client_id)
            past = await self._clients.history(key)
            if not past.changes and await self._clients.find(key) is None:
                raise _unknown()
        changes = [msgspec.Raw(change) for change in past.changes]
        body = {
            "client_id": key,
            "complete": past.complete,
            "since": str(past.since),
            "changes": changes,
        }
        return Response(msgspec.json.encode(body), headers=headers, media_type=JSON)

    async def _seen(self, client_id: str, match: str | None) -> tuple[dict[str, Any], str | None]:
        """Give the client as it is shown now; of a deleted one nothing but its id.

        Whether that can be changed is decided with all other writes: it may be a repeated one.
        Only the tag of a write that waits is matched here, for nobody else knows it.
        """
        key = parse_client_id(client_id)
        found = await self._clients.find(key)
        if found is None:
            raise _unknown()
        seen: dict[str, Any] = {"id": key}
        if isinstance(found, Row):
            seen = msgspec.json.decode(found.value, type=dict)
        if match is None or not match.startswith("w-"):
            return seen, match
        if match != found.version:
            detail = "The client was changed since that version."
            raise ClientelaError("precondition-failed", detail)
        return seen, None

    async def _accepted(self, write: ParsedWrite, request: Request) -> Receipt:
        (receipt,) = await self._clients.submit([write], origin_of(request))
        if receipt.outcome == "refused":
            raise write_requests.refusal(receipt)
        return receipt

    async def _representation(
        self, receipt: Receipt, headers: dict[str, str], status: int
    ) -> Response:
        """Answer the client as it is now; another writer may have been quicker than this read."""
        row = await self._clients.find(receipt.client_id)
        if not isinstance(row, Row):
            return Response(status_code=204 if status == 200 else status, headers=headers)  # noqa: PLR2004
        headers["ETag"] = etag(row.version)
        return Response(row.value, status, headers, JSON)


def _naming_write(key: str) -> AbstractContextManager[None]:
    """Put ``Clientela-Write`` on every error: the key by which its outcome can be asked."""
    return _telling({"Clientela-Write": key})


@contextmanager
def _telling(headers: Mapping[str, str]) -> Iterator[None]:
    """Put headers on every error, too: a 404 of a read is as fresh as its 200."""
    try:
        yield
    except ClientelaError as error:
        raise error.told(headers) from error


def etag(version: str) -> str:
    """Give the ETag of a client at a version."""
    return f'"{version}"'


def _unless_pending(receipt: Receipt, status: int) -> int:
    """Give 202 for a write that is kept until the server can decide it."""
    return 202 if receipt.outcome == "pending" else status


def _write_headers(receipt: Receipt) -> dict[str, str]:
    headers = {"Clientela-Write": receipt.write_id}
    if receipt.outcome == "pending":
        headers["ETag"] = etag(f"w-{receipt.write_id}")
    elif receipt.version is not None and receipt.operation != "delete":
        headers["ETag"] = etag(receipt.version)
    return headers


def _living(found: Row | Tombstone | None) -> Row:
    if isinstance(found, Row):
        return found
    if found is None:
        raise _unknown()
    raise ClientelaError("gone", "This client was deleted; its id is never used again.")


def _unknown() -> ClientelaError:
    return ClientelaError("not-found", "No client has this id.")


def _cursor(cursor: str) -> str:
    try:
        return parse_client_id(cursor)
    except ClientelaError:
        raise bad_cursor() from None


def _known(tag: str, if_none_match: Sequence[str]) -> bool:
    """Tell whether the caller has this version (RFC 9110, section 13.1.2)."""
    tags = [tag.strip().removeprefix("W/") for tag in ",".join(if_none_match).split(",")]
    return tag in tags or "*" in tags


def _now() -> str:
    return rfc3339(datetime.now(UTC))
