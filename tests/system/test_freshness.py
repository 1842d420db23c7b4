"""How old a read may be is told and can be demanded, also over a line that only seems open."""

import os
import signal
import time

import httpx
import pytest


@pytest.fixture
def pair(programs, until):
    server = programs.server().start()
    facade = programs.facade(server.url).start()
    until(lambda: httpx.get(f"{facade.url}/sync").json()["state"] == "live", "live")
    return server, facade


def test_a_reader_can_demand_what_was_written_elsewhere(pair):
    server, facade = pair

    for number in range(20):
        answer = httpx.post(f"{server.url}/clients", json={"name": f"Cliente {number}"})
        where = f"{facade.url}/client?id={answer.headers['Location'].rsplit('/', 1)[1]}"
        position = answer.headers["ETag"].strip('"')
        read = httpx.get(where, headers={"Clientela-Min-Version": position})

        assert read.status_code == 200
        assert read.headers["Clientela-Version"] >= position


def test_a_reader_who_wants_no_cache_sees_what_the_server_has(pair):
    server, facade = pair

    for number in range(20):
        answer = httpx.post(f"{server.url}/clients", json={"name": f"Cliente {number}"})
        where = f"{facade.url}/client?id={answer.headers['Location'].rsplit('/', 1)[1]}"
        read = httpx.get(where, headers={"Cache-Control": "no-cache"})

        assert read.status_code == 200
        assert read.headers["Age"] == "0"


def test_over_a_half_open_line_age_grows_demands_fail_and_writes_are_kept(pair, until):
    server, facade = pair
    location = httpx.post(f"{facade.url}/client", json={"name": "Ana"}).headers["Location"]
    where = facade.url + location
    os.kill(server.pid, signal.SIGSTOP)
    try:
        until(lambda: int(httpx.get(where).headers["Age"]) > 6, "the age grows")
        until(lambda: httpx.get(f"{facade.url}/sync").json()["state"] == "offline", "offline")
        began = time.monotonic()
        demanded = httpx.get(where, headers={"Cache-Control": "max-age=1"}, timeout=20)
        cached = httpx.get(where, headers={"Cache-Control": "max-age=0, only-if-cached"})
        kept = httpx.post(f"{facade.url}/client", json={"name": "Bia"})
        waited_s = time.monotonic() - began

        assert demanded.status_code == 504
        assert demanded.json()["code"] == "too-stale"
        assert cached.status_code == 504
        assert httpx.get(where, headers={"Cache-Control": "max-age=3600"}).status_code == 200
        assert kept.status_code == 202
        assert waited_s < 15
    finally:
        os.kill(server.pid, signal.SIGCONT)

    until(lambda: len(httpx.get(f"{server.url}/clients").json()) == 2, "the kept write arrives")
    until(lambda: httpx.get(f"{facade.url}/sync").json()["state"] == "live", "live again")
    assert httpx.get(f"{facade.url}/sync").json()["outbox"]["pending"] == 0


@pytest.mark.parametrize("value", ["", "x", "1_2", "0000000001_0000000000000000000x"])
def test_a_min_version_that_is_no_position_is_refused(pair, value):
    _, facade = pair

    answer = httpx.get(f"{facade.url}/client", headers={"Clientela-Min-Version": value})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "Clientela-Min-Version"
