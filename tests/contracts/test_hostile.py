"""What a hostile caller sends over the wire: nothing is smuggled, split, opened or brought down."""

import json
import re
import socket
import zlib

import httpx
import pytest

JSON = {"Content-Type": "application/json"}
HEAD = b"Host: localhost\r\n"
SMUGGLED = b"GET /livez?smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def answers(raw):
    """Give the status of each answer in what a connection said."""
    return [int(status) for status in re.findall(rb"(?m)^HTTP/1\.1 (\d{3}) ", raw)]


FRAMED_TWICE = {
    "length and chunks": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 0\r\nContent-Length: 60\r\n\r\n",
    "two lengths in one": b"Content-Length: 0, 60\r\n\r\n",
    "a length with a sign": b"Content-Length: +0\r\n\r\n",
    "a length in hex": b"Content-Length: 0x0\r\n\r\n",
    "a length below nothing": b"Content-Length: -1\r\n\r\n",
    "a length beyond 64 bits": b"Content-Length: 18446744073709551616\r\n\r\n",
    "a coding that is none": b"Transfer-Encoding: xchunked\r\n\r\n",
    "chunks that are not last": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "chunks twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked, x\r\n\r\n0\r\n\r\n",
    "a space before the colon": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a tab in the name": b"Transfer\tEncoding: chunked\r\n\r\n0\r\n\r\n",
    "a folded line": b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "a NUL in a value": b"X: a\0b\r\n\r\n",
    "a lone CR in a value": b"X: a\rTransfer-Encoding: chunked\r\n\r\n",
    "a lone LF between lines": b"X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk size that is none": b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    "a chunk size with a sign": b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
    "a chunk size beyond 64 bits": b"Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n\r\n",
    "a chunk longer than said": b"Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
    "a chunk ended by a lone LF": b"Transfer-Encoding: chunked\r\n\r\n1\na\n0\n\n",
}


@pytest.mark.parametrize("name", FRAMED_TWICE)
def test_a_body_whose_end_is_in_doubt_is_refused_and_ends_its_connection(service, name):
    tail = service.tail()
    head = POST % service.clients.encode()

    told = service.raw(head + FRAMED_TWICE[name] + SMUGGLED)

    assert answers(told) == [400]
    assert b"application/problem+json" in told
    assert service.tail() == tail


def test_what_is_behind_a_body_is_the_next_request_and_no_part_of_it(service, new_id):
    client_id = new_id()
    body = json.dumps({"id": client_id, "name": "GET / HTTP/1.1"}).encode()
    request = POST % service.clients.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body
    last = b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    assert answers(service.raw(request + last)) == [201, 404]
    assert service.read(client_id)["name"] == "GET / HTTP/1.1"


@pytest.mark.parametrize(
    "lines",
    [
        b"Host: localhost\r\nHost: evil.example\r\n",
        b"Host: evil.example\r\nHost: localhost\r\n",
        b"Host: localhost\r\nhost: localhost\r\n",
        b"Host: localhost, evil.example\r\n",
        b"Host: [localhost]\r\n",
        b"Host: [::1]evil.example\r\n",
        b"Host: localhost:evil.example\r\n",
        b"Host: localhost@evil.example\r\n",
        b"Host: evil.example#localhost\r\n",
    ],
)
def test_a_host_that_is_in_doubt_is_refused(service, lines):
    told = service.raw(b"GET /livez HTTP/1.1\r\n" + lines + b"Connection: close\r\n\r\n")

    assert answers(told)[0] in (400, 421)


TARGETS = (
    b"/../../etc/passwd",
    b"/assets/../../../etc/passwd",
    b"/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    b"/assets/..%2f..%2f..%2fetc%2fpasswd",
    b"/assets/%252e%252e%252fetc%252fpasswd",
    b"/assets/..%5c..%5cetc%5cpasswd",
    b"/assets//etc/passwd",
    b"/docs/assets/..%2f..%2f__init__.py",
    b"/docs/assets/%2e%2e/app.py",
    b"/..%2f__init__.py",
    b"/%2e%2e%2fpages.py",
    b"/index.html%00.png",
    b"//etc/passwd",
    b"/./index.html/..",
    b"/%c0%ae%c0%ae/pages.py",
)


@pytest.mark.parametrize("target", TARGETS)
def test_no_path_leads_out_of_the_pages(service, target):
    for accept in (b"*/*", b"text/html"):
        lines = HEAD + b"Accept: %b\r\nConnection: close\r\n\r\n" % accept
        told = service.raw(b"GET %b HTTP/1.1\r\n" % target + lines)

        assert answers(told)[0] in (200, 400, 404, 405)
        assert b"root:" not in told
        assert b"import " not in told
        if answers(told)[0] == 200:  # the pages' own address, for whatever they make of it
            assert b"<!doctype html>" in told.lower()


SPLIT = "a\r\nSet-Cookie: x=1\r\n\r\n<html>"


@pytest.mark.parametrize("header", ["Idempotency-Key", "If-Match", "Clientela-Facade", "Prefer"])
def test_no_header_is_given_back_split(service, header):
    raw = f"{header}: ".encode() + b"a\rSet-Cookie: x=1"
    body = b'Content-Length: 14\r\nConnection: close\r\n\r\n{"name":"Ana"}'

    told = service.raw(POST % service.clients.encode() + raw + b"\r\n" + body)

    assert answers(told) == [400]
    assert b"set-cookie" not in told.lower().partition(b"\r\n\r\n")[0]


@pytest.mark.parametrize("place", ["id", "limit", "cursor", "unknown\r\nX: y"])
def test_no_parameter_splits_an_answer(service, place):
    for path in (service.clients, service.writes + "/" + "%0d%0aSet-Cookie:%20x=1", "/%0d%0aX:y"):
        answer = service.get(path, params={place: SPLIT})

        assert answer.status_code in (400, 404, 405)
        assert "set-cookie" not in answer.headers
        assert "\n" not in "".join(answer.headers.values())


def test_a_link_to_the_next_page_holds_nothing_of_others(service):
    service.insert()
    service.insert()
    answer = service.get(service.clients, params={"limit": 1, "order": "asc"})

    assert re.fullmatch(r'<[^<>"\s]+>; rel="next"', answer.headers["link"])


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, gzip", "x-unknown"])
def test_a_compressed_body_is_not_opened(service, problem, coding):
    bomb = zlib.compress(b'{"name":"' + b"a" * 50_000_000 + b'"}', 9)

    answer = service.post(
        service.clients, content=bomb, headers={**JSON, "Content-Encoding": coding}
    )

    assert problem(answer) == (415, "media-type")
    assert answer.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "body",
    [
        b'{"name":1e400}', b'{"name":-1e400}', b'{"name":1' + b"0" * 10_000 + b"}",
        b'{"name":0.' + b"1" * 100_000 + b"}", b'{"name":Infinity}', b'{"name":-NaN}',
        b"[" * 500_000, b'{"a":' * 200_000 + b"1" + b"}" * 200_000, b'"' + b"\\" * 99_999,
        b'{"name":"\\uD800\\u0041"}', b'{"name":"\\udfff\\ud800"}', b'{"name":"\xf4\x90\x80\x80"}',
        b'{"name":"\xf0\x80\x80\xaf"}', b'{"\\ud800":"x","name":"A"}', b"\xfe\xff\x00{\x00}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ["clients", "writes"])
def test_a_number_a_depth_or_a_text_without_measure_is_refused(service, problem, body, place):
    answer = service.post(getattr(service, place), content=body, headers=JSON)

    refused = {(400, "malformed"), (413, "too-large"), (422, "invalid")}
    assert problem(answer) in refused


def test_of_a_member_that_is_there_twice_the_last_one_is_judged_and_stored(service, new_id):
    client_id = new_id()
    body = b'{"name":"First","id":"%b","name":"Last"}' % client_id.encode()

    assert service.post(service.clients, content=body, headers=JSON).status_code == 201
    assert service.read(client_id)["name"] == "Last"
    wrong = b'{"name":"Right","name":""}'
    assert service.post(service.clients, content=wrong, headers=JSON).status_code == 422


TEXTS = [
    "\u0410n\u0430 S\u043euz\u0430",  # Cyrillic letters that look like Latin ones
    "مخبز النجمة",
    "שלום, Ana",
    "👩🏽‍🌾 Sítio",
    "<script>alert(1)</script>",
    "'; DROP TABLE clients; --",
    "${7*7}{{7*7}}<%= 7*7 %>",
    "../../etc/passwd",
    "=HYPERLINK(1)",
    "NULL",
    "%00%0a",
    "\\u0000",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_kept_as_it_is_everywhere(service, text):
    client_id = service.insert(name=text, notes=text)

    assert service.read(client_id)["name"] == text
    lines = service.get(service.clients, headers={"Accept": "application/x-ndjson"})
    (line,) = [one for one in lines.iter_lines() if client_id in one]
    assert json.loads(line)["notes"] == text


def test_who_leaves_in_the_middle_of_a_body_leaves_no_trace_of_a_failure(service, shared_programs):
    told = [path.read_text() for path in shared_programs.folder.glob("*.log")]
    head = POST % service.clients.encode() + b"Content-Length: 1000\r\n\r\n{"
    for _ in range(5):
        with socket.create_connection((service.base_url.host, service.base_url.port), 10) as line:
            line.sendall(head)
    assert service.get("/livez").status_code == 200

    assert [path.read_text() for path in shared_programs.folder.glob("*.log")] == told


def test_bytes_that_are_no_request_fill_no_log(service, shared_programs):
    told = [path.read_text() for path in shared_programs.folder.glob("*.log")]
    for request in (
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ):
        assert answers(service.raw(request + b"\r\n\r\n"))[:1] in ([400], [])
    httpx.get(
        f"{service.base_url}/livez", headers={"Connection": "Upgrade", "Upgrade": "websocket"}
    )

    assert [path.read_text() for path in shared_programs.folder.glob("*.log")] == told
