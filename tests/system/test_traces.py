"""One request's way over facade and server, and the server's own log."""

import secrets

import httpx

TRACE = secrets.token_hex(16)
PARENT = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}


def _paths(service, trace):
    entries = httpx.get(f"{service.url}/logs", params={"trace": trace, "order": "asc"}).json()
    return [(entry["facade"], entry["method"], entry["route"]) for entry in entries]


def test_a_trace_shows_the_whole_way_also_of_what_happened_at_the_server(programs, until):
    server = programs.server().start()
    facade = programs.facade(server.url, "matriz").start()
    until(lambda: httpx.get(f"{facade.url}/readyz").status_code == 200, "ready")

    answer = httpx.post(f"{facade.url}/client", json={"name": "Ana"}, headers=PARENT)

    whole = [("server", "POST", "/clients/writes"), ("matriz", "POST", "/client")]
    assert answer.status_code == 201
    until(lambda: _paths(facade, TRACE) == whole, "both entries are written")
    assert _paths(server, TRACE) == whole[:1]

    server.kill()

    assert _paths(facade, TRACE) == whole[1:]


def test_the_server_logs_its_requests(programs, until):
    server = programs.server().start()

    httpx.get(f"{server.url}/clients?limit=1")

    def counted():
        query = {"route": "/clients", "facade": "server"}
        return httpx.get(f"{server.url}/logs/summary", params=query).json()["count"]

    until(lambda: counted() == 1, "the entry is written")
    assert httpx.get(f"{server.url}/clients/changes?offset=now").status_code == 200
