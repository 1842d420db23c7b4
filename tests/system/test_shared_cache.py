"""A server behind nginx, by the guide's own configuration: many follow, and few requests arrive."""

import shutil
import sys
import time
from pathlib import Path

import httpx
import pytest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
from load.cache import start_cache
from shared_cache import cost_of_changes, wait_for

pytestmark = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")

REQUESTS_A_CHANGE_MAX = 3


@pytest.fixture
def behind_nginx(programs, free_ports_of):
    """Put nginx before a server; gives its address."""
    started = []

    def put(server):
        folder, port = programs.folder / "nginx", free_ports_of(1)
        folder.mkdir()
        server_port = int(server.url.rpartition(":")[2])
        started.append(start_cache(folder, port=port, server_port=server_port))
        wait_for(f"http://127.0.0.1:{port}/readyz")
        return f"http://127.0.0.1:{port}"

    yield put
    for nginx in started:
        nginx.terminate()
        nginx.wait(10)


@pytest.fixture
def cached(programs, behind_nginx):
    """A server with nginx before it; gives both."""
    server = programs.server("server", "--shared-cache").start()
    return server, behind_nginx(server)


async def test_a_change_costs_the_server_few_requests_however_many_follow(cached, long_form):
    server, url = cached
    for followers in (10, 200, 2_000) if long_form else (200,):
        cost = await cost_of_changes(server.url, server.pid, url, followers, 3, 0.4)

        assert cost.requests <= REQUESTS_A_CHANGE_MAX, followers
        assert max(cost.until_all_s) < 5


def test_a_facade_behind_the_cache_follows_by_long_polls_and_knows_its_age(
    cached, programs, assert_in_step, until, sync_of
):
    server, url = cached
    facade = programs.facade(url).start()
    until(lambda: sync_of(facade)["state"] == "live", "live")

    ages = []
    for _ in range(10):  # without a silence that would prove it to be in step
        httpx.post(f"{server.url}/clients", json={"name": "Ana"})
        time.sleep(0.5)
        ages.append(int(httpx.get(f"{facade.url}/client?limit=1").headers["Age"]))
    assert_in_step(facade, server)
    written = httpx.post(f"{facade.url}/client", json={"name": "Bia"}, timeout=20)
    fresh = httpx.get(f"{facade.url}/client?limit=1", headers={"Cache-Control": "no-cache"})
    followed = httpx.get(f"{server.url}/logs", params={"route": "/clients/changes"}).json()

    assert max(ages) <= 6
    assert written.status_code == 201
    assert fresh.status_code == 200
    assert max(entry["latency_us"] for entry in followed) < 5_000_000  # none is a stream


def test_streams_and_the_tail_are_not_kept_by_the_cache(cached):
    server, url = cached
    before = httpx.head(f"{url}/clients/changes").headers["Stream-Next-Offset"]
    with httpx.stream("GET", f"{url}/clients/changes?offset=now&live=sse", timeout=5) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "event: control"
        httpx.post(f"{server.url}/clients", json={"name": "Ana"})
        assert any("Ana" in line for line in lines if line.startswith("data"))

    assert httpx.head(f"{url}/clients/changes").headers["Stream-Next-Offset"] > before


def test_a_facade_streams_again_when_no_cache_is_wanted_any_more(
    programs, until, sync_of, assert_in_step
):
    server = programs.server("server", "--shared-cache").start()
    facade = programs.facade(server.url).start()
    until(lambda: sync_of(facade)["state"] == "live", "live")

    server.stop()
    server.arguments.remove("--shared-cache")
    server.start()
    httpx.post(f"{server.url}/clients", json={"name": "Ana"})
    assert_in_step(facade, server)
    time.sleep(1)
    facade.stop()
    time.sleep(0.5)
    found = httpx.get(f"{server.url}/logs", params={"route": "/clients/changes"}).json()

    assert "ClientDisconnected" in {entry["error"] for entry in found}  # the stream, cut off


def test_each_request_is_asked_for_its_token_and_all_share_the_pages(
    programs, behind_nginx, run, until, long_form
):
    database = f"sqlite:///{programs.folder / 'server' / 'register.db'}"

    def token(command, *arguments):
        return run(["token", command, *arguments, "--db", database]).stdout.strip()

    ana, matriz = (
        token("add", "--role", role, "--name", name)
        for role, name in (("reader", "ana"), ("facade", "matriz"))
    )
    admin = token("add", "--role", "admin", "--name", "rui")
    server = programs.server("server", "--shared-cache", "--guarded").start()
    url = behind_nginx(server)

    def changes(by):
        headers = {"Authorization": f"Bearer {by}"} if by else {}
        return httpx.get(f"{url}/clients/changes?offset=-1", headers=headers)

    statuses = [changes(by).status_code for by in (ana, matriz, ana, None, ana[:-1] + "0")]
    refused = changes(None)
    time.sleep(0.5)
    asked = {"headers": {"Authorization": f"Bearer {admin}"}, "params": {"status": 200}}
    logged = httpx.get(f"{server.url}/logs", **asked).json()

    assert statuses == [200, 200, 200, 401, 401]
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert [entry["route"] for entry in logged].count("/clients/changes") == 1
    if long_form:
        token("revoke", ana.split("_")[1])
        until(lambda: changes(ana).status_code == 401, "refused", 13)
        assert changes(matriz).status_code == 200
