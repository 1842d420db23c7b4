"""Streams in memory for the conformance suite: it creates and appends, the product's feed reads.

The product's log has one writer, the register; the suite writes by the protocol's PUT, POST and
DELETE. Only these are here. Every GET and HEAD is answered by ``clientela.feed``.
"""

import base64
from collections.abc import Sequence
from uuid import uuid4

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clientela.errors import ClientelaError
from clientela.feed.codec import JSON_ARRAY, Codec
from clientela.feed.connection import Unwinding
from clientela.feed.endpoint import Feed
from clientela.feed.log import Batch, diverged
from clientela.feed.position import Position
from clientela.feed.tail import Tail
from clientela.web.guards import Guards, Rules
from clientela.web.problems import problem

_decode_json = msgspec.json.Decoder(msgspec.Raw).decode
_decode_array = msgspec.json.Decoder(list[msgspec.Raw]).decode


class Stream:
    """A log of byte strings; its positions count them."""

    def __init__(self, media_type: str) -> None:
        self.media_type = media_type
        self.codec = _codec(media_type)
        self.identity = str(uuid4())
        self.beginning = Position(1, 0)
        self.tail = Tail(self.beginning)
        self._messages: list[bytes] = []
        self._sequence = ""

    def check(self, position: Position) -> None:
        if position.epoch != 1 or position > self.tail.position:
            raise diverged(position)

    async def read(self, after: Position, limit: int) -> Batch:
        found = self._messages[after.version : after.version + limit]
        return Batch(found, Position(1, after.version + len(found)))

    def append(self, messages: Sequence[bytes], sequence: str | None = None) -> None:
        if sequence is not None and sequence <= self._sequence:
            raise ClientelaError("conflict", "Stream-Seq does not go back.")
        self._sequence = sequence or self._sequence
        self._messages += messages
        self.tail.advance(Position(1, len(self._messages)))


def _essence(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _codec(media_type: str) -> Codec:
    essence = _essence(media_type)
    if essence == "application/json":
        return JSON_ARRAY
    if essence.startswith("text/"):
        return Codec(media_type, b"".join, b"".join)
    return Codec(media_type, b"".join, _base64, "base64")


def _base64(messages: Sequence[bytes]) -> bytes:
    return base64.b64encode(b"".join(messages))


def _messages(stream: Stream, body: bytes) -> list[bytes]:
    """Split a body as section 9.1 says: JSON arrays by one level, anything else not at all."""
    if stream.codec is not JSON_ARRAY:
        return [body] if body else []
    if not body:
        return []
    try:
        _decode_json(body)
        parts = _decode_array(body) if body.lstrip().startswith(b"[") else [msgspec.Raw(body)]
    except msgspec.DecodeError as error:
        raise ClientelaError("malformed", str(error)) from error
    return [bytes(part) for part in parts]


class Adapter:
    """Streams by their path."""

    def __init__(self, *, long_poll_s: float) -> None:
        self._long_poll_s = long_poll_s
        self._streams: dict[str, tuple[Stream, Feed]] = {}

    async def answer(self, request: Request) -> Response:
        try:
            return await getattr(self, request.method.lower())(request)
        except ClientelaError as error:
            return problem(error, request.url.path)

    async def get(self, request: Request) -> Response:
        _, feed = self._found(request)
        return await feed.answer(request)

    head = get

    async def put(self, request: Request) -> Response:
        media_type = request.headers.get("content-type", "application/octet-stream")
        path, body = request.url.path, await request.body()
        if path in self._streams:
            stream, _ = self._streams[path]
            if _essence(stream.media_type) != _essence(media_type):
                raise ClientelaError("conflict", f"The stream holds {stream.media_type}.")
            return _told(stream, 200)
        stream = Stream(media_type)
        stream.append(_messages(stream, body))
        feed = Feed(lambda: stream, codec=stream.codec, long_poll_s=self._long_poll_s)
        self._streams[path] = stream, feed
        return _told(stream, 201, Location=str(request.url))

    async def post(self, request: Request) -> Response:
        stream, _ = self._found(request)
        media_type, body = request.headers.get("content-type"), await request.body()
        if media_type is None:
            raise ClientelaError("bad-header", "Content-Type is required.")
        if _essence(media_type) != _essence(stream.media_type):
            raise ClientelaError("conflict", f"The stream holds {stream.media_type}.")
        messages = _messages(stream, body)
        if not messages:
            raise ClientelaError("malformed", "There is nothing to append.")
        stream.append(messages, request.headers.get("stream-seq"))
        return _told(stream, 204)

    async def delete(self, request: Request) -> Response:
        stream, _ = self._found(request)
        stream.tail.close()
        del self._streams[request.url.path]
        return Response(status_code=204)

    def _found(self, request: Request) -> tuple[Stream, Feed]:
        try:
            return self._streams[request.url.path]
        except KeyError:
            raise ClientelaError("not-found", "There is no such stream.") from None


def _told(stream: Stream, status: int, **more: str) -> Response:
    told = {"Stream-Next-Offset": str(stream.tail.position), "Content-Type": stream.media_type}
    return Response(status_code=status, headers={**told, **more})


def application(*, long_poll_s: float) -> Unwinding:
    """Give the streams behind the product's own guards, which every answer of it passes."""
    adapter = Adapter(long_poll_s=long_poll_s)
    methods = ["GET", "HEAD", "PUT", "POST", "DELETE"]
    routes = [Route("/{path:path}", adapter.answer, methods=methods)]
    return Unwinding(Guards(Starlette(routes=routes), rules=Rules()))
