"""The database goes away and comes back: everyone is told, and no acknowledged write is lost."""

import os
import re
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uuid_utils

from clientela.storage.postgres import WRITES, connect
from clientela.storage.urls import PostgresUrl

WRITTEN_AGAIN_S = 10
LONG = os.environ.get("CLIENTELA_LONG") == "1"
DURABLE = ("fsync=on",)


class Writer:
    """Writes one client after the other, each until it is acknowledged, with the same id.

    ``acknowledged`` has each write's version; ``longest_s`` is the longest time without one.
    """

    def __init__(self, *urls):
        self.urls = urls
        self.acknowledged = {}
        self.refusals = []
        self.longest_s = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        last, tries = time.monotonic(), 0
        key = str(uuid_utils.uuid7())
        with httpx.Client(timeout=10) as http:
            while not self._stop.is_set():
                tries += 1
                version = self._write(http, self.urls[tries % len(self.urls)], key)
                if version is None:
                    time.sleep(0.05)
                    continue
                self.acknowledged[key] = version
                key = str(uuid_utils.uuid7())
                self.longest_s = max(self.longest_s, time.monotonic() - last)
                last = time.monotonic()

    def _write(self, http, url, key):
        headers = {"Idempotency-Key": key}
        try:
            answer = http.post(f"{url}/clients", json={"name": "Ana"}, headers=headers)
        except httpx.TransportError:
            return None
        if answer.status_code != 201:
            self.refusals.append((answer.status_code, answer.json()["code"]))
            assert answer.headers["retry-after"]
            return None
        return answer.headers["etag"].strip('"')

    @contextmanager
    def writing(self):
        self._thread.start()
        try:
            yield
        finally:
            self._stop.set()
            self._thread.join()

    def wait_for_more(self, count=20):
        """Wait until it has written again; fails when that takes too long."""
        wanted, deadline = len(self.acknowledged) + count, time.monotonic() + 3 * WRITTEN_AGAIN_S
        while len(self.acknowledged) < wanted:
            assert time.monotonic() < deadline, self.refusals[-3:]
            time.sleep(0.02)


def check_register(url, writer):
    """Each write that was acknowledged is there, once, at its version; versions have no gap."""
    changes, offset = [], "-1"
    while True:
        answer = httpx.get(f"{url}/clients/changes", params={"offset": offset}, timeout=30)
        changes += answer.json()
        offset = answer.headers["stream-next-offset"]
        if "stream-up-to-date" in answer.headers:
            break
    versions = [int(change["headers"]["version"][11:]) for change in changes]
    assert versions == list(range(1, len(versions) + 1))
    written = {c["headers"]["write_id"]: c["headers"]["version"] for c in changes}
    assert len(written) == len(changes)
    assert writer.acknowledged.items() <= written.items()
    # The last write may have been done without an answer.
    assert len(written) <= len(writer.acknowledged) + 1


@pytest.fixture
def start_server(programs, free_ports_of):
    def start(url, name="server"):
        port = free_ports_of(1)
        logs = f"sqlite:///{programs.folder / name / 'logs.db'}"
        arguments = ["server", "--db", url, "--log-db", logs, "--port", str(port)]
        return programs.program(name, arguments, port).start()

    return start


def test_a_database_that_crashes_takes_no_acknowledged_write_with_it(
    make_cluster, start_server, programs, until
):
    cluster = make_cluster(*DURABLE)
    server = start_server(cluster.fresh_database())
    facade = programs.facade(server.url).start()
    writer = Writer(server.url)
    with writer.writing():
        writer.wait_for_more()
        cluster.stop("immediate")
        until(lambda: httpx.get(f"{server.url}/readyz").status_code == 503, "it says so")
        away = httpx.get(f"{server.url}/clients")
        until(lambda: sync_state(facade) == "offline", "the branch knows that it is cut off")
        kept = httpx.post(f"{facade.url}/client", json={"name": "Bia"})
        stopped_s = time.monotonic()
        cluster.start()
        writer.wait_for_more(1)
        took_s = time.monotonic() - stopped_s
    until(lambda: sync_state(facade) == "live", "the branch is in step again")
    until(lambda: outbox(facade) == 0, "what waited at the branch is written")

    assert (away.status_code, away.json()["code"]) == (503, "database-away")
    assert kept.status_code == 202
    assert set(writer.refusals) == {(503, "database-away")}
    assert took_s < WRITTEN_AGAIN_S
    names = [c["name"] for c in httpx.get(f"{server.url}/clients").json()]
    assert names.count("Bia") == 1
    assert names.count("Ana") == len(writer.acknowledged)


def sync_state(facade):
    return httpx.get(f"{facade.url}/sync").json()["state"]


def outbox(facade):
    return httpx.get(f"{facade.url}/sync").json()["outbox"]["pending"]


def test_connections_that_are_cut_again_and_again_repeat_and_lose_nothing(postgres, start_server):
    url = postgres.fresh_database()
    server = start_server(url)
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    writer = Writer(server.url)
    with writer.writing():
        for _ in range(10):
            writer.wait_for_more(5)
            postgres.execute(cut, url.rsplit("/", 1)[1])
        writer.wait_for_more()

    assert writer.longest_s < WRITTEN_AGAIN_S
    check_register(server.url, writer)


@pytest.mark.skipif(not LONG, reason="the long form: CLIENTELA_LONG=1")
def test_a_server_that_hangs_in_its_transaction_holds_nobody_up_for_long(postgres, start_server):
    url = postgres.fresh_database()
    server = start_server(url)
    writer = Writer(server.url)
    hanging = connect(PostgresUrl(url), WRITES)
    with writer.writing():
        writer.wait_for_more()
        hanging.execute("BEGIN")
        hanging.execute("SELECT * FROM register FOR UPDATE")
        writer.wait_for_more()
    hanging.close()

    assert writer.longest_s < WRITTEN_AGAIN_S
    check_register(server.url, writer)


def test_a_standby_takes_over_with_every_acknowledged_write(make_cluster, start_server):
    primary = make_cluster(*DURABLE)
    database = primary.fresh_database().rsplit("/", 1)[1]
    standby = make_cluster(*DURABLE, copy_of=primary)
    primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
    primary.execute("SELECT pg_reload_conf()")
    places = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
    url = f"postgresql://postgres@{places}/{database}?target_session_attrs=read-write"
    servers = [start_server(url, name) for name in ("one", "other")]
    writer = Writer(*(server.url for server in servers))
    with writer.writing():
        writer.wait_for_more()
        primary.stop("immediate")
        standby.promote()
        promoted_s = time.monotonic()
        writer.wait_for_more(1)
        took_s = time.monotonic() - promoted_s
        writer.wait_for_more()

    assert took_s < WRITTEN_AGAIN_S
    for server in servers:
        check_register(server.url, writer)


@pytest.mark.skipif(not LONG, reason="the long form: CLIENTELA_LONG=1")
def test_a_killed_server_leaves_its_writes_to_the_other(postgres, start_server):
    url = postgres.fresh_database()
    one, other = start_server(url, "one"), start_server(url, "other")
    writer = Writer(one.url, other.url)
    with writer.writing():
        writer.wait_for_more()
        one.kill()
        writer.wait_for_more()

    assert writer.longest_s < WRITTEN_AGAIN_S
    check_register(other.url, writer)


def test_an_older_state_that_is_put_back_begins_a_new_epoch_as_the_guide_says(
    postgres, start_server, programs, until
):
    url = postgres.fresh_database()
    name = url.rsplit("/", 1)[1]
    server = start_server(url)
    facade = programs.facade(server.url).start()
    assert httpx.post(f"{server.url}/clients", json={"name": "Ana"}).status_code == 201
    server.stop()
    postgres.execute(f"CREATE DATABASE {name}_before TEMPLATE {name}")
    server.start()
    until(lambda: sync_state(facade) == "live", "the branch is in step again")
    assert httpx.post(f"{facade.url}/client", json={"name": "Bia"}).status_code == 201
    server.stop()
    guide = Path("docs/operations.md").read_text(encoding="utf-8")
    (begin_epoch,) = re.findall(r'-c "(INSERT INTO epochs[^"]*)"', guide)
    postgres.execute(begin_epoch, f"{name}_before")
    server.arguments += ["--db", f"{url}_before"]
    server.start()

    until(
        lambda: [c["name"] for c in httpx.get(f"{facade.url}/client").json()] == ["Ana"],
        "the branch has what the register has",
    )
    lost = httpx.get(f"{facade.url}/sync/lost").json()
    assert [change["value"]["name"] for change in lost] == ["Bia"]
