"""The log followed live, at a facade and at the log facade of its own."""

import json
import signal

import httpx
import pytest


def _entries(lines):
    """Give the entries of a stream of events as they come."""
    for line in lines:
        if line.startswith("data:["):
            yield from json.loads(line.removeprefix("data:"))


@pytest.fixture
def facade(programs, until):
    server = programs.server().start()
    made = programs.facade(server.url, "matriz").start()
    until(lambda: httpx.get(f"{made.url}/readyz").status_code == 200, "ready")
    return made


@pytest.mark.parametrize("where", ["facade", "logs"])
def test_a_request_is_seen_by_who_follows_the_log(programs, facade, free_ports_of, where):
    service = facade
    if where == "logs":
        port = free_ports_of(1)
        database = f"sqlite:///{programs.folder}/matriz/logs.db"
        service = programs.program("logs", ["logs", "--db", database, "--port", str(port)], port)
        service.start()
    query = {"offset": "now", "live": "sse", "route": "/client", "method": "GET"}

    with httpx.stream("GET", f"{service.url}/logs/tail", params=query, timeout=20) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "event: control"
        httpx.get(f"{facade.url}/livez")
        httpx.get(f"{facade.url}/client?limit=1")
        entry = next(_entries(lines))

    assert (entry["facade"], entry["route"], entry["status"]) == ("matriz", "/client", 200)
    assert httpx.get(f"{facade.url}/logs", params={"trace": entry["trace_id"]}).json() == [entry]


def test_who_follows_the_log_does_not_hold_up_a_stop(facade):
    with httpx.stream("GET", f"{facade.url}/logs/tail?offset=now&live=sse", timeout=20) as answer:
        assert next(answer.iter_lines()) == "event: control"
        assert facade.stop() == -signal.SIGTERM
