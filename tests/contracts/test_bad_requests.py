"""What is wrong is refused with one shape of error that names the fault, and nothing is changed."""

import uuid
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest

from clientela.web.problems import TABLE

JSON = {"Content-Type": "application/json"}
UNKNOWN = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11"
LONG = b'{"name":"' + b"a" * 2_000_000 + b'"}'
WRITE = b'{"write_id":"%s","operation":"insert","client_id":"%s"' % (
    UNKNOWN.encode(),
    UNKNOWN.encode(),
)


class Case(NamedTuple):
    """A request, and the problem that it is answered with; ``field`` is what the problem names."""

    method: str
    path: str
    status: int
    code: str
    content: Any = None
    headers: dict[str, str] | None = None
    field: str | None = None


def post(content, status, code, field=None, headers=JSON):
    return Case("POST", "{clients}", status, code, content, headers, field)


def patch(content, status, code, field=None, headers=JSON):
    return Case("PATCH", "{one}", status, code, content, headers, field)


def batch(content, status, code, field=None, headers=JSON):
    return Case("POST", "{writes}", status, code, content, headers, field)


MALFORMED = {
    "empty": b"",
    "cut off": b'{"name":"Ana"',
    "two values": b'{"name":"Ana"} {"name":"Bia"}',
    "single quotes": b"{'name':'Ana'}",
    "a trailing comma": b'{"name":"Ana",}',
    "a comment": b'{"name":"Ana"/**/}',
    "a BOM": b'\xef\xbb\xbf{"name":"Ana"}',
    "UTF-16": '{"name":"Ana"}'.encode("utf-16"),
    "invalid UTF-8": b'{"name":"\xff"}',
    "overlong UTF-8": b'{"name":"\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"name":"\xed\xa0\x80"}',
    "a lone surrogate": b'{"name":"\\ud800"}',
    "a lone low surrogate": b'{"name":"a\\udc00b"}',
    "a raw NUL": b'{"name":"a\0b"}',
    "NaN": b'{"name":NaN}',
    "a number without end": b'{"name":1e999}',
    "an integer without end": b'{"name":' + b"1" * 5_000 + b"}",
    "deep arrays": b'{"name":' + b"[" * 950 + b"]" * 950 + b"}",
    "deep objects": b'{"a":' * 100_000,
    "nested a little too deep": b'{"name":' + b"[" * 16 + b"]" * 16 + b"}",
}
NO_OBJECT = {"an array": b"[]", "a text": b'"Ana"', "null": b"null", "a number": b"1"}
INVALID = {
    "no name": (b"{}", "name"),
    "name null": (b'{"name":null}', "name"),
    "name blank": (b'{"name":" \\u00a0 "}', "name"),
    "name a number": (b'{"name":1}', "name"),
    "name an object": (b'{"name":{}}', "name"),
    "name with NUL": (b'{"name":"a\\u0000b"}', "name"),
    "name with a newline": (b'{"name":"a\\nb"}', "name"),
    "name too long": (b'{"name":"%s"}' % (b"a" * 201), "name"),
    "email no address": (b'{"name":"A","email":"x"}', "email"),
    "email too long": (b'{"name":"A","email":"a@%s.br"}' % (b"a." * 200), "email"),
    "email an array": (b'{"name":"A","email":[]}', "email"),
    "phone letters": (b'{"name":"A","phone":"call me"}', "phone"),
    "phone too short": (b'{"name":"A","phone":"12"}', "phone"),
    "phone too long": (b'{"name":"A","phone":"%s"}' % (b"1" * 33), "phone"),
    "document no number": (b'{"name":"A","document":"123"}', "document"),
    "document wrong digits": (b'{"name":"A","document":"390.533.447-06"}', "document"),
    "document repeated": (b'{"name":"A","document":"11111111111"}', "document"),
    "notes too long": (b'{"name":"A","notes":"%s"}' % (b"a" * 10_001), "notes"),
    "notes true": (b'{"name":"A","notes":true}', "notes"),
    "an unknown field": (b'{"name":"A","nick":"B"}', "nick"),
    "an unknown nameless field": (b'{"name":"A","":"B"}', ""),
    "what the server sets": (b'{"name":"A","version":"1"}', "version"),
}
MEDIA_TYPES = {
    "no type": {},
    "text": {"Content-Type": "text/plain"},
    "a form": {"Content-Type": "application/x-www-form-urlencoded"},
    "Latin-1": {"Content-Type": "application/json; charset=iso-8859-1"},
    "nearly JSON": {"Content-Type": "application/jsonp"},
}

CASES = {
    **{f"post {name}": post(body, 400, "malformed") for name, body in MALFORMED.items()},
    **{f"post {name}": post(body, 400, "malformed") for name, body in NO_OBJECT.items()},
    **{f"post {name}": post(body, 422, "invalid", field)
       for name, (body, field) in INVALID.items()},
    "post a bad id": post(b'{"id":"x","name":"A"}', 422, "invalid", "id"),
    "post an id of version 1": post(
        b'{"id":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","name":"A"}', 422, "invalid", "id"
    ),
    **{f"post {name}": post(b'{"name":"A"}', 415, "media-type", headers=headers)
       for name, headers in MEDIA_TYPES.items()},
    "post merge patch": post(b'{"name":"A"}', 415, "media-type",
                             headers={"Content-Type": "application/merge-patch+json"}),
    "post too long": post(LONG, 413, "too-large"),
    "post a key that can be no id": post(
        b'{"name":"A"}', 400, "bad-header", "Idempotency-Key",
        {**JSON, "Idempotency-Key": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
    ),
    "post a used id": post(b'{"id":"{id}","name":"Other"}', 409, "id-used"),
    "post a held document": post(b'{"name":"A","document":"{document}"}', 409,
                                 "duplicate-document"),
    **{f"patch {name}": patch(body, 400, "malformed")
       for name, body in {**MALFORMED, **NO_OBJECT}.items()},
    **{f"patch {name}": patch(body, 422, "invalid", field)
       for name, (body, field) in INVALID.items() if body != b"{}"},
    **{f"patch {name}": patch(b'{"name":"B"}', 415, "media-type", headers=headers)
       for name, headers in MEDIA_TYPES.items()},
    "patch an id": patch(b'{"id":"%s"}' % UNKNOWN.encode(), 422, "invalid", "id"),
    "patch too long": patch(LONG, 413, "too-large"),
    "patch a held document": patch(b'{"document":"{document}"}', 409, "duplicate-document"),
    "patch an older version": patch(
        b'{"name":"B"}', 412, "precondition-failed",
        headers={**JSON, "If-Match": '"0000000001_00000000000000000000"'},
    ),
    "patch the deleted": Case("PATCH", "{deleted}", 410, "gone", b'{"name":"B"}', JSON),
    "patch the unknown": Case("PATCH", "{unknown}", 404, "not-found", b'{"name":"B"}', JSON),
    "patch a broken id": Case("PATCH", "{broken}", 400, "malformed", b'{"name":"B"}', JSON),
    "delete the unknown": Case("DELETE", "{unknown}", 404, "not-found"),
    "delete a broken id": Case("DELETE", "{broken}", 400, "malformed"),
    "get the unknown": Case("GET", "{unknown}", 404, "not-found"),
    "get the deleted": Case("GET", "{deleted}", 410, "gone"),
    "get a broken id": Case("GET", "{broken}", 400, "malformed"),
    "history of the unknown": Case("GET", "{unknown_history}", 404, "not-found"),
    "history of a broken id": Case("GET", "{broken_history}", 400, "malformed"),
    **{f"batch {name}": batch(body, 400, "malformed") for name, body in MALFORMED.items()},
    "batch an object": batch(b"{}", 400, "malformed"),
    "batch null": batch(b"null", 400, "malformed"),
    "batch of no objects": batch(b"[1]", 400, "malformed", "[0]"),
    "batch of nothing": batch(b"[{}]", 400, "malformed", "[0].operation"),
    "batch with a wrong operation": batch(
        b"[" + WRITE.replace(b"insert", b"upsert") + b"}]", 400, "malformed", "[0].operation"
    ),
    "batch with a wrong set": batch(b"[" + WRITE + b',"set":[]}]', 400, "malformed", "[0].set"),
    "batch with an unknown member": batch(
        b"[" + WRITE + b',"set":{"name":"A"},"x":1}]', 400, "malformed", "[0].x"
    ),
    "batch with a wrong time": batch(
        b"[" + WRITE + b',"set":{"name":"A"},"at":"today"}]', 400, "malformed", "[0].at"
    ),
    **{f"batch {name}": batch(b"[]", 415, "media-type", headers=headers)
       for name, headers in MEDIA_TYPES.items()},
    "an unknown route": Case("GET", "/nowhere", 404, "not-found"),
    "post to an unknown route": Case("POST", "/nowhere", 404, "not-found", b"{}", JSON),
    "a slash too much": Case("GET", "{clients}/", 404, "not-found"),
    **{f"{method} on the list": Case(method, "{clients}", 405, "method-not-allowed")
       for method in ("PUT", "OPTIONS", "TRACE")},
    **{f"{method} on writes": Case(method, "{writes}", 405, "method-not-allowed")
       for method in ("GET", "PUT", "PATCH", "DELETE")},
    **{f"{method} on a receipt": Case(method, f"{{writes}}/{UNKNOWN}", 405, "method-not-allowed")
       for method in ("POST", "PATCH")},
    "PUT on a client": Case("PUT", "{one}", 405, "method-not-allowed"),
    "POST on a history": Case("POST", "{unknown_history}", 405, "method-not-allowed"),
    "POST on health": Case("POST", "/livez", 405, "method-not-allowed"),
    "POST on the documentation": Case("POST", "/openapi.json", 405, "method-not-allowed"),
    **{f"host {host}": Case("GET", "{clients}", 421, "host-refused", headers={"Host": host})
       for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "",
                    "0.0.0.0", "[::2]", "127.0.0.1@evil.example", "[::1")},
    **{f"origin {origin} {method}": Case(method, "{clients}", 403, "origin-refused",
                                         b'{"name":"A"}', {**JSON, "Origin": origin})
       for origin in ("http://evil.example", "null", "", "http://localhost:1", "http://[::1",
                      "http://127.0.0.1", "127.0.0.1")
       for method in ("GET", "POST")},
}  # fmt: skip


class Answers(NamedTuple):
    """Every answer by its case's name; with each the register's position before and after."""

    answers: dict[str, httpx.Response]
    moved: list[str]


@pytest.fixture(scope="module")
def answers(pair, new_document):
    return {name: _ask_all(service, new_document()) for name, service in pair.items()}


def _ask_all(service, document):
    client_id, deleted = service.insert(name="Ana"), service.insert()
    service.insert(document=document)
    service.delete(service.one(deleted))
    places = {
        "clients": service.clients,
        "writes": service.writes,
        "one": service.one(client_id),
        "deleted": service.one(deleted),
        "unknown": service.one(UNKNOWN),
        "broken": service.one("1"),
        "unknown_history": service.history(UNKNOWN),
        "broken_history": service.history("1"),
    }
    answers, moved, tail = {}, [], service.tail()
    for name, case in CASES.items():
        content = case.content
        if content is not None and len(content) < 100:
            content = content.replace(b"{id}", client_id.encode())
            content = content.replace(b"{document}", document.encode())
        answers[name] = service.request(
            case.method, case.path.format(**places), content=content, headers=case.headers
        )
        if service.tail() != tail:
            moved.append(name)
    return Answers(answers, moved)


@pytest.mark.parametrize("name", CASES)
def test_it_is_refused(service, answers, problem, name):
    case, answer = CASES[name], answers[service.name].answers[name]

    assert problem(answer) == (case.status, case.code), answer.text
    if case.field is not None:
        assert case.field in [error["field"] for error in answer.json()["errors"]]


def test_nothing_was_changed_by_it(service, answers):
    assert answers[service.name].moved == []
    assert len(answers[service.name].answers) == len(CASES)


def test_every_error_has_the_one_shape(service, answers):
    for answer in answers[service.name].answers.values():
        body = answer.json()
        status, title = TABLE[body["code"]]

        assert answer.headers["content-type"] == "application/problem+json"
        assert list(body)[:6] == ["type", "title", "status", "detail", "instance", "code"]
        assert set(body) - {"errors", "holder", "conflicts"} == set(list(body)[:6])
        assert body["type"] == f"urn:clientela:problem:{body['code']}"
        assert (body["title"], body["status"]) == (title, status.value)
        assert body["status"] == answer.status_code
        assert body["instance"] == urlsplit(str(answer.url)).path
        assert len(body["detail"]) > 10
        assert all(set(error) == {"field", "code", "detail"} for error in body.get("errors", []))
        assert all(len(error["detail"]) > 10 for error in body.get("errors", []))


def test_no_error_is_kept_or_guessed_at(service, answers):
    for name, answer in answers[service.name].answers.items():
        kept = answer.headers["cache-control"]

        assert kept in ("no-store", "private, no-cache"), name
        assert answer.headers["x-content-type-options"] == "nosniff", name
        assert answer.headers["clientela-register"], name


def test_every_refused_write_is_named(service, answers):
    unnamed = [
        name
        for name, answer in answers[service.name].answers.items()
        if CASES[name].method in ("POST", "PATCH", "DELETE")
        and CASES[name].path in ("{clients}", "{one}", "{unknown}", "{broken}", "{deleted}")
        and answer.status_code not in (403, 421)
        and answer.json().get("errors", [{}])[0].get("field") != "Idempotency-Key"
        and not uuid.UUID(answer.headers.get("clientela-write", "0" * 32)).int
    ]

    assert unnamed == []


def test_a_refused_method_is_told_those_that_are_possible(service, answers):
    allowed = {
        name: answer.headers["allow"]
        for name, answer in answers[service.name].answers.items()
        if answer.status_code == 405
    }

    one = "DELETE, GET, HEAD, PATCH"
    at_the_list = "GET, HEAD, POST" if service.name == "server" else one + ", POST"
    assert allowed["PUT on the list"] == at_the_list
    assert allowed["TRACE on the list"] == at_the_list
    assert allowed["PUT on a client"] == (one if service.name == "server" else at_the_list)
    assert allowed["GET on writes"] == allowed["DELETE on writes"] == "POST"
    assert allowed["POST on a history"] == "GET, HEAD"
    assert allowed["POST on health"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("method", "header", "types"),
    [
        ("post", "accept-post", "application/json"),
        ("patch", "accept-patch", "application/json, application/merge-patch+json"),
    ],
)
def test_a_refused_media_type_is_told_those_that_are_taken(service, answers, method, header, types):
    assert answers[service.name].answers[f"{method} text"].headers[header] == types


@pytest.mark.parametrize("path", ["clients", "writes"])
def test_a_body_in_chunks_is_bounded_too(service, problem, path):
    tail = service.tail()
    chunk = b"[" * 1_000_000

    answer = service.post(
        getattr(service, path),
        content=(chunk for _ in range(2 if path == "clients" else 40)),
        headers=JSON,
    )

    assert problem(answer) == (413, "too-large")
    assert service.tail() == tail


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "127.0.0.1", "127.1.2.3:80", "[::1]:80", "[::1]"]
)
def test_loopback_names_are_no_foreign_hosts(service, host):
    assert service.get("/livez", headers={"Host": host}).status_code == 200


def test_a_page_of_the_service_itself_may_call_it(service):
    origin = f"http://127.0.0.1:{service.base_url.port}"

    answer = service.post(service.clients, json={"name": "Ana"}, headers={"Origin": origin})

    assert answer.status_code == 201


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET %s HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"GET %s HTTP/1.1\r\nHost: \xff\r\nConnection: close\r\n\r\n",
        b"GET %s?\xff=\xfe HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"GET %s?limit=%%ff HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"GET %s/%%00%%2e%%2e HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: x\r\n\r\n{}",
        b"BREW %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"nonsense %s\r\n\r\n",
    ],
)
def test_bytes_that_are_no_request_are_a_client_error(service, request_bytes):
    answer = service.raw(request_bytes % service.clients.encode())

    assert answer.startswith(b"HTTP/1.1 4")
    assert service.get("/livez").status_code == 200
