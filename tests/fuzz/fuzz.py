"""Fuzzes one parser with atheris: ``python fuzz.py TARGET [libFuzzer's options] CORPUS…``.

A target takes bytes. Whatever they are, it may raise ClientelaError and nothing else, and what it
takes must hold together: libFuzzer writes down the bytes that break that.
"""

import contextlib
import re
import sys

import atheris

with atheris.instrument_imports(include=["clientela"]):
    from in_memory import both_ways, loop
    from starlette.datastructures import Headers, QueryParams

    from clientela.client_facade import sse
    from clientela.clients.changes import changed_client, decode_change
    from clientela.clients.writes import parse_write
    from clientela.errors import ClientelaError
    from clientela.feed.position import Position
    from clientela.feed.request import next_cursor, parse
    from clientela.log_facade.entries import parse_cursor
    from clientela.log_facade.parameters import filters_of
    from clientela.web import client_handlers, guards, lists, metrics, write_requests
    from clientela.web.bodies import parse_json

import msgspec

KEY = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11"
AT = "2026-07-01T12:00:00.000000Z"
SEEN = {"id": KEY, "name": "Ana", "phone": None}


def refusing(target, *arguments):
    """Call what may refuse; gives None then."""
    with contextlib.suppress(ClientelaError):
        return target(*arguments)
    return None


def writes(data):
    """Read a body, and what it holds as a write of each form: what is taken can be stored."""
    body = refusing(parse_json, data)
    if body is None:
        return
    for parsed in (
        refusing(parse_write, body),
        refusing(write_requests.insert, body, KEY, AT),
        refusing(write_requests.update, body, SEEN, KEY, AT, None),
    ):
        if parsed is not None:
            stored = msgspec.json.encode(parsed.write)
            assert msgspec.json.decode(stored, type=type(parsed.write)) == parsed.write


def feed(data):
    """Read a follower's query, a position and a cursor."""
    text = data.decode("latin-1")
    asked = refusing(parse, QueryParams(text))
    if asked is not None:
        assert next_cursor(asked.cursor, interval_s=20).isdigit()
    try:
        position = Position.parse(text)
    except ValueError:
        return
    assert str(position) == text


def headers(data):
    """Read everything that is read of headers."""
    text = data.decode("latin-1")
    raw = Headers(dict.fromkeys(("idempotency-key", "if-match", "prefer", "origin"), text))
    key = refusing(write_requests.write_id, raw)
    assert key is None or len(key) == len(KEY)
    refusing(write_requests.if_match, raw)
    refusing(write_requests.facade_name, Headers({"clientela-facade": text}))
    write_requests.prefers(raw, "minimal")
    assert lists.format_of(text, ["id"]).media_type
    lists.gzip_is_taken(text)
    client_handlers._known(f'"{KEY}"', [text])
    assert metrics._choose(text).content_type
    rules = guards.Rules(["clientela.example"])
    if rules.answers_for(text):
        name = re.sub(r":[0-9]*$", "", text.lower())
        assert name in ("localhost", "clientela.example") or name.startswith(("127.", "[")), text
    refusing(guards._check_origin, Headers({"origin": text, "host": "localhost"}))


def filters(data):
    """Read the filters and the cursor of a question about the log."""
    parts = data.decode("latin-1").split("\n")
    names = ("from_", "to", "status", "trace", "route", "not_route", "error", "method")
    given = {name: part for name, part in zip(names, parts, strict=False) if part}
    asked = refusing(lambda: filters_of(**given))
    if asked is not None:
        asked.conditions()
    for order in ("asc", "desc"):
        refusing(parse_cursor, parts[0], order)


def events(data):
    """Read a stream of events as a facade does, and the changes in it; cut anywhere, it is same."""
    middle = data[0] if data else 0
    try:
        whole, parts = _events(data[1:]), _events(data[1:middle], data[max(1, middle) :])
    except ValueError:  # a name that is no UTF-8
        return
    assert whole == parts
    for event in whole:
        with contextlib.suppress(ValueError):
            assert decode_change(event.data).key == changed_client(event.data)


def _events(*parts):
    async def chunks():
        for part in parts:
            yield part

    async def read():
        return [event async for event in sse.events(chunks())]

    return loop.run_until_complete(read())


def http(data):
    """Speak HTTP to a service with its fast path and without: the same bytes both ways."""
    fast, plain = both_ways(data)
    assert fast == plain, (fast, plain)


if __name__ == "__main__":
    atheris.Setup([sys.argv[0], *sys.argv[2:]], globals()[sys.argv[1]])
    atheris.Fuzz()
