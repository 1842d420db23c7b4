"""Each route, each role, each service: who may do what, as the OpenAPI of each itself tells it."""

import re
import socket
import time

import httpx
import pytest

from clientela.server.tokens import NewToken, add, change_tokens, revoke
from clientela.web.access import RULES, Role, roles_for

UNKNOWN = "0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11"
ROLES = [*Role, None]
PARAMETERS = {"name": "matriz", "token_id": "00000000"}


class Guarded:
    """A guarded server, its facade and a log facade, with a token of each role."""

    def __init__(self, programs, free_ports_of):
        self.register = programs.folder / "server" / "register.db"
        self.tokens = {role: self.make(role, str(role)) for role in Role}
        self.server = programs.server("server", "--guarded").start()
        own = programs.folder / "own"
        own.write_text(self.make(Role.FACADE, "matriz"))
        self.facade = programs.facade(self.server.url, "matriz", "--token-file", str(own)).start()
        port = free_ports_of()
        logs = f"sqlite:///{programs.folder / 'matriz' / 'logs.db'}"
        self.logs = programs.program(
            "logs",
            ["logs", "--db", logs, "--tokens", f"sqlite:///{self.register}", "--port", str(port)],
            port,
        ).start()
        self.urls = {
            "server": self.server.url,
            "facade": self.facade.url,
            "logs": self.logs.url,
        }

    def make(self, role, name, lasts_s=None):
        asked = NewToken(role, name, lasts_s)
        return change_tokens(self.register, lambda table: add(table, asked, time.time()))[0]

    def revoke(self, text):
        token_id = text.split("_")[1]
        change_tokens(self.register, lambda table: revoke(table, token_id, time.time()))

    def client(self, service, role=None, token=None):
        token = self.tokens[role] if role else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.urls[service], headers=headers, timeout=30)


@pytest.fixture(scope="module")
def guarded(shared_programs, free_ports_of):
    made = Guarded(shared_programs, free_ports_of)
    with made.client("facade", Role.READER) as http:
        _until(lambda: http.get("/client").status_code == 200)  # the facade has the tokens
    return made


def _until(condition, timeout_s=10):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _path(template):
    return re.sub(r"\{(\w+)\}", lambda found: PARAMETERS.get(found[1], UNKNOWN), template)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("service", ["server", "facade", "logs"])
def test_each_route_is_for_the_roles_that_its_documentation_names(service, role, guarded, problem):
    with guarded.client(service, role) as http:
        paths = http.get("/openapi.json").json()["paths"]
        for template, operations in paths.items():
            for method, operation in operations.items():
                route = f"{method.upper()} {template}"
                roles = roles_for(method.upper(), template)
                told = operation.get("security", [{}])[0].get("token")
                assert told == (None if roles is None else sorted(roles)), route
                assert roles is None or roles, f"{route} has no rule"

                # A facade's token that is named otherwise may not speak for matriz.
                named = {"matriz": role or "x"} if template == "/facades/{name}" else {}
                path = _path(template).replace("matriz", named.get("matriz", "matriz"))
                answer = http.request(method, path)

                if roles is None or role in roles:
                    assert answer.status_code not in (401, 403), (route, answer.text)
                else:
                    expected = (403, "forbidden") if role else (401, "unauthenticated")
                    assert problem(answer) == expected, route
                    assert all(other in answer.json()["detail"] for other in roles), route
                    assert ("www-authenticate" in answer.headers) == (role is None)


def test_every_rule_is_of_a_route(guarded):
    found = set()
    for service in guarded.urls:
        with guarded.client(service) as http:
            paths = http.get("/openapi.json").json()["paths"]
            found |= {
                f"{m.upper()} {path}" for path, operations in paths.items() for m in operations
            }

    assert set(RULES) <= found


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/livez", "/readyz", "/docs/assets/x"])
@pytest.mark.parametrize("service", ["server", "facade", "logs"])
def test_documentation_and_health_are_open(service, path, guarded):
    with guarded.client(service) as http:
        assert http.get(path).status_code == (404 if path.endswith("/x") else 200)


def test_the_pages_are_open_and_show_nothing_by_themselves(guarded):
    with guarded.client("facade") as http:
        assert http.get("/", headers={"Accept": "text/html"}).status_code in (200, 404)
        assert http.get("/client", headers={"Accept": "text/html"}).status_code == 401


@pytest.mark.parametrize("service", ["server", "facade"])
def test_no_other_spelling_of_a_path_leads_past_its_rule(service, guarded):
    clients = {"server": "clients", "facade": "client"}[service]
    with guarded.client(service) as http:
        for path in (
            f"/{clients}",
            f"/{clients}?limit=1",
            f"//{clients}",
            f"/{clients}/",
            f"/./{clients}",
            f"/%63{clients[1:]}",
            f"/{clients};a",
            f"/docs/../{clients}",
            f"/{clients.upper()}",
        ):
            url = guarded.urls[service] + path  # as it is: joined, two slashes would name a host

            assert http.get(url).status_code in (401, 404), path
            assert http.head(url).status_code in (401, 404), path


@pytest.mark.parametrize("service", ["server", "facade"])
def test_who_writes_is_told_by_his_token_and_by_nothing_else(service, guarded, new_id):
    clients = {"server": "/clients", "facade": "/client"}[service]
    with guarded.client(service, Role.COUNTER) as http:
        key = new_id()
        headers = {"Idempotency-Key": key, "Clientela-Actor": "ana", "Clientela-Facade": "filial"}
        assert http.post(clients, json={"name": "Ana"}, headers=headers).status_code == 201

        receipt = http.get(f"{clients}/writes/{key}").json()

    assert receipt["actor"] == "counter"
    assert receipt["facade"] == (None if service == "server" else "matriz")


def test_an_admin_may_write_for_another(guarded, new_id):
    with guarded.client("server", Role.ADMIN) as http:
        key = new_id()
        headers = {"Idempotency-Key": key, "Clientela-Actor": "ana.souza"}
        http.post("/clients", json={"name": "Ana"}, headers=headers)

        assert http.get(f"/clients/writes/{key}").json()["actor"] == "ana.souza"
        (*_, change) = http.get("/clients/changes?offset=-1").json()
        assert change["headers"]["actor"] == "ana.souza"


def test_a_facade_reports_for_itself_alone(guarded, problem):
    with guarded.client("server", Role.FACADE) as http:
        assert problem(http.put("/facades/filial", json={})) == (403, "forbidden")
        assert problem(http.put("/facades/facade", json={}))[0] == 422


def test_tokens_are_made_listed_and_revoked_by_an_admin(guarded, problem):
    with guarded.client("server", Role.ADMIN) as http:
        made = http.post("/tokens", json={"role": "reader", "name": "bia", "lasts_s": 60})
        token = made.json()
        with guarded.client("server", token=token["token"]) as other:
            assert other.get("/clients").status_code == 200
            (listed,) = [one for one in http.get("/tokens").json() if one["name"] == "bia"]
            assert listed == {name: token[name] for name in listed}
            assert "token" not in listed

            assert http.delete(f"/tokens/{token['id']}").status_code == 204

            assert problem(other.get("/clients")) == (401, "unauthenticated")  # at once
        for wrong in ({"role": "king"}, {"name": "a b"}, {"lasts_s": 0}, {"more": 1}):
            asked = {"role": "reader", "name": "a", **wrong}
            assert problem(http.post("/tokens", json=asked))[0] == 422, wrong


def test_hashes_are_told_once_until_they_change(guarded):
    with guarded.client("server", Role.FACADE) as http:
        first = http.get("/tokens/hashes")

        again = http.get("/tokens/hashes", headers={"If-None-Match": first.headers["etag"]})

        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
        assert {token["name"] for token in first.json()} >= {"reader", "matriz"}


@pytest.mark.parametrize("service", ["server", "facade"])
def test_a_cache_may_ask_who_may_read_what(service, guarded, problem):
    feed = {"server": "/clients/changes?offset=-1", "facade": "/client/changes?offset=-1"}[service]

    def asked(role, uri, method="GET"):
        with guarded.client(service, role) as http:
            headers = {"X-Original-URI": uri, "X-Original-Method": method}
            return http.get("/authz", headers=headers)

    allowed = asked(Role.READER, feed)
    assert (allowed.status_code, allowed.headers["cache-control"]) == (204, "private, max-age=10")
    refused = asked(None, feed)
    assert problem(refused) == (401, "unauthenticated")
    assert refused.headers["cache-control"] == "no-store"
    assert problem(asked(Role.READER, "/logs")) == (403, "forbidden")
    assert problem(asked(Role.READER, feed.partition("/changes")[0], "POST")) == (403, "forbidden")
    assert asked(None, "/livez").status_code == 204
    assert problem(asked(Role.READER, "")) == (400, "malformed")


def test_a_token_made_or_revoked_beside_the_server_is_known_within_two_seconds(guarded):
    text = guarded.make(Role.READER, "rui")
    with guarded.client("server", token=text) as http, guarded.client("logs", token=text) as logs:
        _until(lambda: http.get("/clients").status_code == 200, 2)
        _until(lambda: logs.get("/logs").status_code == 403, 2)

        guarded.revoke(text)

        _until(lambda: http.get("/clients").status_code == 401, 2)
        _until(lambda: logs.get("/logs").status_code == 401, 2)


def test_a_live_answer_ends_with_its_token(guarded):
    text = guarded.make(Role.READER, "rui")
    with guarded.client("server", token=text) as http:
        _until(lambda: http.get("/clients").status_code == 200)
        with http.stream("GET", "/clients/changes?offset=now&live=sse") as answer:
            lines = answer.iter_lines()
            next(lines)
            guarded.revoke(text)
            began = time.monotonic()
            with pytest.raises(httpx.TransportError):
                list(lines)

    assert time.monotonic() - began < 3


def test_a_token_that_asks_too_often_is_told_so_and_others_are_not(
    guarded, shared_programs, free_ports_of, problem
):
    port, logs = free_ports_of(), shared_programs.folder / "logs.db"
    tokens = ["--tokens", f"sqlite:///{guarded.register}", "--token-requests-per-s", "5"]
    arguments = ["logs", "--db", f"sqlite:///{logs}", "--port", str(port), *tokens]
    slow = shared_programs.program("slow", arguments, port).start()
    guarded.urls["slow"] = slow.url
    with guarded.client("slow", Role.OPERATOR) as http, guarded.client("slow", Role.ADMIN) as other:
        answers = [http.get("/logs/summary") for _ in range(20)]

        limited = [answer for answer in answers if answer.status_code == 429]
        assert len(limited) >= 5
        assert problem(limited[0]) == (429, "too-many-requests")
        assert int(limited[0].headers["retry-after"]) >= 1
        assert other.get("/logs/summary").status_code == 200


def test_the_same_bytes_in_two_authorization_headers_are_nobody(guarded):
    token = guarded.tokens[Role.READER]
    line = f"Authorization: Bearer {token}\r\n"
    request = f"GET /clients HTTP/1.1\r\nHost: localhost\r\n{line}{line}Connection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", httpx.URL(guarded.server.url).port), 10) as sent:
        sent.sendall(request.encode())
        assert sent.recv(1_000).startswith(b"HTTP/1.1 401 ")
