"""A server and a facade write into one Log DB in PostgreSQL, and a log facade shows them all."""

import time

import httpx
import pytest

SLOWEST_S = 1  # far below the seconds after which a database counts as away


@pytest.fixture(scope="module")
def cluster(make_cluster):
    return make_cluster()


@pytest.fixture(scope="module")
def site(shared_programs, cluster, free_ports_of):
    """Start a server, a facade and a log facade over one Log DB; give them in that order."""
    shared = ("--log-db", cluster.fresh_database())
    server = shared_programs.server("server", *shared).start()
    facade = shared_programs.facade(server.url, "matriz", *shared).start()
    port = free_ports_of(1)
    logs = shared_programs.program("logs", ["logs", "--db", shared[1], "--port", str(port)], port)
    logs.start()
    return server, facade, logs


def facades_in(url):
    summary = httpx.get(f"{url}/logs/summary", params={"by": "facade"}, timeout=10)
    return {group["key"]: group["count"] for group in summary.json().get("groups", [])}


def test_one_log_facade_shows_the_server_and_its_facade(site, until):
    server, matriz, logs = site
    httpx.get(f"{matriz.url}/client").raise_for_status()

    until(lambda: facades_in(logs.url).keys() == {"server", "matriz"}, "both are logged")
    assert facades_in(matriz.url).keys() == {"server", "matriz"}
    known = until(
        lambda: [one for one in httpx.get(f"{server.url}/facades").json() if one["requests"]],
        "a facade reports its requests",
    )
    whole = sum(facades_in(logs.url).values())
    assert all(one["requests"] < whole for one in known)  # each reports its own


def test_a_trace_over_facade_and_server_is_shown_once(site, until):
    _, matriz, logs = site
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    told = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    httpx.post(f"{matriz.url}/client", json={"name": "Ana"}, headers=told).raise_for_status()

    def traced():
        entries = httpx.get(f"{matriz.url}/logs", params={"trace": trace}).json()
        found = {entry["facade"] for entry in entries}
        return found == {"matriz", "server"} and entries

    entries = until(traced, "both parts of the trace")
    assert len({entry["id"] for entry in entries}) == len(entries)
    assert httpx.get(f"{logs.url}/logs", params={"trace": trace}).json() == entries


def test_a_log_db_that_is_away_costs_no_request_and_is_written_when_it_is_back(
    site, cluster, until
):
    _, matriz, logs = site
    route = {"facade": "matriz", "route": "/client", "status": "2xx"}

    def counted():
        return httpx.get(f"{logs.url}/logs/summary", params=route, timeout=10).json().get("count")

    before = until(counted, "some are logged")
    cluster.stop()
    slowest_s = 0.0
    for _ in range(50):
        begun = time.perf_counter()
        httpx.get(f"{matriz.url}/client").raise_for_status()
        slowest_s = max(slowest_s, time.perf_counter() - begun)
        time.sleep(0.02)
    unready = httpx.get(f"{logs.url}/logs", timeout=10)
    ready = httpx.get(f"{matriz.url}/readyz").status_code
    cluster.start()

    assert (unready.status_code, unready.json()["code"], ready) == (503, "not-ready", 200)
    assert slowest_s < SLOWEST_S
    until(lambda: (counted() or 0) >= before + 50, "what waited is written")
    assert "clientela_log_entries_dropped_total 0" in httpx.get(f"{matriz.url}/metrics").text


def test_a_log_db_that_is_no_address_is_refused_in_one_line(programs, free_ports_of):
    port = free_ports_of(1)
    arguments = ["logs", "--db", "postgresql://ana:s3cret@[", "--port", str(port)]
    logs = programs.program("logs", arguments, port).start(wait_for=None)

    assert logs.process.wait(20) == 2
    assert "not understood" in logs.output
    assert "s3cret" not in logs.output
    assert len(logs.output.splitlines()) == 1
