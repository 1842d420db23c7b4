"""What is answered at the protocol is what the application answers: byte for byte, whatever comes.

One facade is served twice, with its fast path and without, and both are sent the same bytes.
"""

import asyncio
import contextlib
import itertools
import os
import random
import re
import socket
import threading
import time

import httpx
import pytest
import uvicorn

from clientela.cli.demo_people import people
from clientela.client_facade.app import ClientFacade
from clientela.server.tokens import NewToken, add, change_tokens, revoke
from clientela.web.access import Role
from clientela.web.admission import Admission
from clientela.web.arrival import ArrivalProtocol
from clientela.web.fast_path import FastProtocol, Heads

CASES = 20_000 if os.environ.get("CLIENTELA_LONG") == "1" else 1_500
CLIENTS = 60
SILENT_S = 0.4
APART_S = 0.05
LAST = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
UNKNOWN = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11"


class Twice:
    """The facade's two addresses, and what it was asked."""

    def __init__(self, facade, heads, ports, ids):
        self.facade, self.heads, self.ids = facade, heads, ids
        self.fast, self.plain = ports
        self.calls = 0

    def counting(self):
        """Give the facade's application, counting its calls."""

        async def app(scope, receive, send):
            self.calls += scope["type"] == "http"
            await self.facade.app(scope, receive, send)

        return app

    def both(self, *parts, pause_s=0.0005):
        """Send the same bytes both ways, part by part; gives the two answers, comparable."""
        ways = (self.fast, self.plain)
        return [_comparable(_exchange(port, parts, pause_s)) for port in ways]


@pytest.fixture(scope="module")
def server(shared_programs):
    return shared_programs.server().start()


@pytest.fixture(scope="module")
def twice(server, shared_programs, free_ports_of, tmp_path_factory):
    folder = tmp_path_factory.mktemp("facade")
    with _served_twice(server, folder, shared_programs, free_ports_of(2)) as served:
        yield served


@contextlib.contextmanager
def _served_twice(server, folder, programs, port, *, token=None, admission=None):
    """Serve one facade with its fast path and without, as somebody with ``token`` sees it."""
    served = None

    async def serve():
        nonlocal served
        facade = ClientFacade(
            name="matriz",
            servers=[server.url],
            database=folder / "clients.db",
            log_database=folder / "logs.db",
            admission=admission,
        )
        heads = Heads(facade.fast)
        served = Twice(facade, heads, (port, port + 1), [])

        def fast(**options):
            return FastProtocol(heads, **options)

        programs = [
            _server(served.counting(), port, fast, lifespan="on"),
            _server(facade.app, port + 1, ArrivalProtocol, lifespan="off"),
        ]
        while not done.is_set():
            serving = [asyncio.create_task(program.serve()) for program in programs]
            await asyncio.to_thread(done.wait)
            facade.stop_live_answers()
            for program in programs:
                program.should_exit = True
            await asyncio.gather(*serving)

    done = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    programs.wait_for(f"http://127.0.0.1:{port}/readyz")
    programs.wait_for(f"http://127.0.0.1:{port + 1}/livez")
    shown = {"Authorization": f"Bearer {token}"} if token else {}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=shown, timeout=30) as http:
        while http.get("/client?limit=1").status_code == 401:  # it has not heard of the token yet
            time.sleep(0.05)
        for person in people(CLIENTS, 11):
            answer = http.post("/client", json=person)
            client_id = answer.headers.get("location", "=").partition("=")[2]
            served.ids.append(client_id or answer.json()["holder"])
    yield served
    done.set()
    thread.join()


def _server(app, port, protocol, *, lifespan):
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        http=protocol,
        lifespan=lifespan,
        loop="uvloop",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    return uvicorn.Server(config)


def _exchange(port, parts, pause_s=0.0005):
    """Send bytes in parts; gives all that comes until the service closes or says no more."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), 10) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(ConnectionError):
            for part in parts[:-1]:
                line.sendall(part)
                received += _heard(line, pause_s)
            line.sendall(parts[-1])
        return received + _heard(line, SILENT_S)


def _heard(line, silent_s):
    """Give what comes until nothing does for so long."""
    line.settimeout(silent_s)
    received = b""
    with contextlib.suppress(TimeoutError, ConnectionError):
        while data := line.recv(1 << 20):
            received += data
    return received


def _comparable(answer):
    """Leave out what two answers to one question differ in: when they were given.

    A page that was kept since the other way made it has taken no time of the database.
    """
    answer = re.sub(rb"(?m)^((date|age|clientela-write): )[^\r\n]*", rb"\1#", answer)
    return re.sub(rb"dur=[0-9.]+(, db;dur=[0-9.]+)?", b"dur=#", answer)


def read(client_id, *headers, method="GET", version="1.1", host="Host: localhost"):
    head = [f"{method} /client?id={client_id} HTTP/{version}", *([host] if host else []), *headers]
    return "\r\n".join([*head, "", ""]).encode("latin-1")


def test_a_plain_read_asks_neither_the_parser_nor_the_application_again(twice):
    request = read(twice.ids[0], "User-Agent: till")
    _exchange(twice.fast, [request + LAST])  # together with another: it is read by the parser
    _exchange(twice.fast, [request, LAST])
    before = twice.calls

    answer = _exchange(twice.fast, [read(twice.ids[1], "User-Agent: till"), LAST])

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert twice.ids[1].encode() in answer
    assert re.search(
        rb"server-timing: total;dur=[0-9.]+, queue;dur=0.000, db;dur=[0-9.]+\r\n", answer
    )
    assert twice.calls == before + 1  # that of LAST
    assert any(b"till" in head for head in twice.heads.known)


HEADERS = (
    "Accept: application/json",
    "Accept: application/x-ndjson",
    "Accept: text/csv",
    "Accept-Encoding: gzip, deflate",
    "Accept-Encoding: gzip;q=0",
    "User-Agent: wrk/4",
    "Connection: keep-alive",
    "Connection: Keep-Alive",
    "Connection: close",
    "Connection: upgrade",
    "Upgrade: websocket",
    "Cache-Control: max-age=0",
    "Cache-Control: only-if-cached, max-age=100000",
    "Clientela-Min-Version: 0000000001_00000000000000000001",
    "Clientela-Min-Version: 7",
    "Range: bytes=0-1",
    'If-None-Match: "0000000001_00000000000000000001"',
    "If-None-Match: *",
    "Origin: http://evil.example",
    "Origin: http://localhost",
    "Host: localhost",
    "Host: evil.example",
    "Content-Length: 0",
    "Content-Length: 3",
    "Content-Length: x",
    "Transfer-Encoding: chunked",
    "Expect: 100-continue",
    "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "X-Unknown: 1",
    "Cookie: a=b",
    " folded",
    "no colon",
    ": no name",
    "Sp ace: 1",
    "Accept : application/json",
    "User-Agent: \xe9\xff",
)


class Generator:
    """Makes requests from a seed: mostly well-formed ones, and what comes near them."""

    def __init__(self, seed, ids, headers=HEADERS):
        self.random = random.Random(seed)  # noqa: S311 - it makes cases
        self.ids = ids
        self.headers = headers

    def parts(self):
        """Give one case: some requests, sent whole, together, or cut anywhere."""
        requests = [self.request() for _ in range(self.random.choice((1, 1, 1, 2, 5)))]
        data = b"".join(requests)
        if self.random.random() < 0.1:
            place = self.random.randrange(len(data))
            data = data[:place] + bytes([self.random.randrange(256)]) + data[place + 1 :]
        way = self.random.random()
        if way < 0.4:
            return [*requests, LAST] if data == b"".join(requests) else [data, LAST]
        if way < 0.7:
            return [data + LAST]
        cuts = sorted(self.random.randrange(len(data)) for _ in range(self.random.choice((1, 3))))
        edges = [0, *cuts, len(data)]
        pieces = [data[a:b] for a, b in itertools.pairwise(edges) if a < b]
        return [*pieces, LAST]

    def request(self):
        chance = self.random.random
        count = self.random.choice((0, 0, 1, 1, 2, 4))
        headers = [self.random.choice(self.headers) for _ in range(count)]
        hosts = ("Host: localhost", "Host: 127.0.0.1:80", "Host: evil.example", "host: LOCALHOST")
        host = self.random.choice(hosts) if chance() < 0.2 else hosts[0]
        method = self.random.choice(("HEAD", "POST", "get", "GETT")) if chance() < 0.06 else "GET"
        version = self.random.choice(("1.0", "2.0", "1.", "1.11")) if chance() < 0.06 else "1.1"
        end = "\n" if chance() < 0.02 else "\r\n"
        lines = [f"{method} {self.target()} HTTP/{version}", host, *headers, "", ""]
        return end.join(lines).encode("latin-1")

    def target(self):
        known = self.random.choice(self.ids)
        if self.random.random() < 0.6:
            return f"/client?id={known}"
        return self.random.choice(
            (
                f"/client?id={UNKNOWN}",
                f"/client?id={known.upper()}",
                f"/client?id={known}&limit=1",
                f"/client?id={known[:-1]}",
                f"/client?id={known}0",
                f"/client?id=%30{known[1:]}",
                f"/client?id={known[:35]}\t",
                f"/client?id={known}#a",
                f"/client?ID={known}",
                f"/client?id={known}&id={known}",
                f"//client?id={known}",
                f"http://localhost/client?id={known}",
                "/client?limit=3",
                "/client?limit=3",
                f"/client?limit=3&cursor={known}",
                "/client?limit=3&order=desc",
                "/client?limit=0",
                "/client?limit=3&unknown=1",
                "/client?q=a&limit=2",
                "/client",
                "/livez",
                "*",
            )
        )


def test_the_same_bytes_get_the_same_answer_both_ways(twice):
    seed = int(os.environ.get("CLIENTELA_SEED", "6"))
    _compare(twice, Generator(seed, twice.ids), CASES, seed)


def _compare(twice, cases, count, seed):
    for case in range(count):
        parts = cases.parts()

        fast, plain = twice.both(*parts)
        if fast != plain:
            # After an upgrade, an error or a last answer it matters which parts arrived together.
            fast, plain = twice.both(*parts, pause_s=APART_S)

        assert fast == plain, f"CLIENTELA_SEED={seed}, case {case}: {parts}"


def test_a_read_cut_at_every_byte_gets_the_same_answer_both_ways(twice):
    request = read(twice.ids[3], "Accept: application/json")
    whole = twice.both(request + LAST)
    for place in range(1, len(request)):
        parts = [request[:place], request[place:], LAST]

        assert twice.both(*parts) == whole, f"cut at {place}"


def test_a_page_is_the_same_both_ways_compressed_or_not(twice):
    for headers in (["Accept-Encoding: gzip"], [], ["Accept: application/x-ndjson"]):
        lines = ["GET /client?limit=30 HTTP/1.1", "Host: localhost", *headers, "", ""]
        request = "\r\n".join(lines).encode()
        for _ in range(3):  # made, kept, and known by its bytes
            _exchange(twice.fast, [request, LAST])
            time.sleep(0.05)  # it is compressed beside
        before = twice.calls

        fast, plain = twice.both(request, LAST)

        assert fast == plain
        assert (b"content-encoding: gzip" in fast) == ("Accept-Encoding: gzip" in headers)
        assert twice.calls == before + 1  # that of LAST


def test_every_way_leaves_one_entry_in_the_log(twice):
    with httpx.Client(base_url=f"http://127.0.0.1:{twice.plain}") as http:

        def count():
            time.sleep(0.5)  # entries are written a few times a second
            return http.get("/logs/summary", params={"route": "/client"}).json()["count"]

        before = count()
        for client_id in twice.ids[:5]:
            twice.both(read(client_id), LAST)

        assert count() == before + 10
        (entry, *_) = http.get("/logs", params={"route": "/client", "order": "desc"}).json()
        assert set(entry["parts"]) == {"queue", "db"}
        assert entry["bytes"] > 200


def test_a_change_shows_in_the_next_read_of_a_client_that_was_read_often(twice):
    url = f"http://127.0.0.1:{twice.fast}"
    with httpx.Client(base_url=url, timeout=30) as http:
        for number in range(30):
            where = {"id": twice.ids[number % 7]}
            http.get("/client", params=where)
            http.get("/client", params={"limit": 50})
            http.patch("/client", params=where, json={"notes": f"seen {number}"})

            assert http.get("/client", params=where).json()["notes"] == f"seen {number}"
            page = http.get("/client", params={"limit": 50}).json()
            assert f"seen {number}" in [client["notes"] for client in page]


class Tokens:
    """Makes tokens in the server's register, and takes them back."""

    def __init__(self, programs):
        self.register = programs.folder / "server" / "register.db"

    def make(self, role, lasts_s=None):
        asked = NewToken(role, str(role), lasts_s)
        return change_tokens(self.register, lambda table: add(table, asked, time.time()))[0]

    def revoke(self, text):
        token_id = text.split("_")[1]
        change_tokens(self.register, lambda table: revoke(table, token_id, time.time()))


@pytest.fixture(scope="module")
def tokens(server, shared_programs):
    del server
    return Tokens(shared_programs)


@pytest.fixture(scope="module")
def of_roles(tokens):
    return {role: tokens.make(role) for role in Role}


@pytest.fixture(scope="module")
def guarded_twice(server, of_roles, shared_programs, free_ports_of, tmp_path_factory):
    folder, door = tmp_path_factory.mktemp("guarded"), Admission(100_000)
    admin = of_roles[Role.ADMIN]
    with _served_twice(
        server, folder, shared_programs, free_ports_of(2), token=admin, admission=door
    ) as served:
        yield served


def bearer(token):
    return f"Authorization: Bearer {token}"


def test_the_same_bytes_get_the_same_answer_both_ways_where_tokens_are_asked_for(
    guarded_twice, of_roles, tokens
):
    seed = int(os.environ.get("CLIENTELA_SEED", "7"))
    gone = tokens.make(Role.READER)
    tokens.revoke(gone)
    good = [bearer(token) for token in of_roles.values()]
    bad = [bearer(gone), bearer(good[0][:-1]), "Authorization: Basic YTpi", "Authorization:"]
    odd = [good[0].replace("Bearer", "bearer"), good[0].replace("Bearer ", "Bearer  ")]
    headers = [*HEADERS, *good, *good, *good, *good, *bad, *odd]

    _compare(guarded_twice, Generator(seed, guarded_twice.ids, headers), CASES // 3, seed)


def _status(answer):
    return int(answer.split(b" ")[1])


@pytest.mark.parametrize("target", ["id", "page"])
def test_a_read_with_a_token_is_answered_unparsed_until_the_token_ends(
    guarded_twice, tokens, target
):
    served, token = guarded_twice, tokens.make(Role.READER)
    one = read(served.ids[0], bearer(token))
    request = one if target == "id" else one.replace(b"id=" + served.ids[0].encode(), b"limit=7")
    deadline = time.monotonic() + 10
    while _status(_exchange(served.fast, [request, LAST])) != 200:
        assert time.monotonic() < deadline
    _exchange(served.fast, [request, LAST])
    before = served.calls
    fast, plain = served.both(request, LAST)
    assert _status(fast) == 200
    assert fast == plain
    assert served.calls == before + 1  # that of LAST

    tokens.revoke(token)

    while _status(_exchange(served.fast, [request, LAST])) == 200:
        assert time.monotonic() < deadline
    fast, plain = served.both(request, LAST)
    assert _status(fast) == 401
    assert fast == plain


def test_a_token_that_expires_ends_at_both_ways(guarded_twice, tokens):
    token = tokens.make(Role.READER, 4)
    request = read(guarded_twice.ids[0], bearer(token))

    def both_say(status, within_s):
        deadline = time.monotonic() + within_s
        while {_status(answer) for answer in guarded_twice.both(request, LAST)} != {status}:
            assert time.monotonic() < deadline

    both_say(200, 4)
    both_say(401, 6)
