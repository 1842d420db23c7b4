"""A facade is in step again without help, whoever was killed, whatever was lost or changed."""

import itertools
import re
import shutil
import threading
import time
import uuid
from pathlib import Path
from typing import Self

import apsw
import httpx

ANSWERED_WITHIN_S = 11
LIVE_AGAIN_WITHIN_S = 8  # the line is tried every 5 s at the latest


def _names(server, *names: str) -> list[str]:
    locations = []
    for name in names:
        posted = httpx.post(f"{server.url}/clients", json={"name": name}, timeout=10)
        assert posted.status_code == 201
        locations.append(posted.headers["Location"])
    return locations


class Busy:
    """Writes at the server, again and again, while a test does its worst to the others."""

    def __init__(self, server) -> None:
        self._server = server
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.written = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        with httpx.Client(base_url=self._server.url) as session:
            for number in itertools.count():
                made = session.post("/clients", json={"name": f"Novo {number}"})
                at = made.headers["Location"]
                if number % 3 == 1:
                    session.patch(at, json={"name": f"Mudado {number}"})
                if number % 3 == 2:
                    session.delete(at)
                self.written += 1
                if self._over.is_set():
                    return


def test_a_facade_killed_in_its_first_copy_goes_on_and_is_in_step(
    programs, until, load_clients, assert_in_step
):
    server = programs.server().start()
    load_clients(server.url, 20_001)  # three pages
    facade = programs.facade(server.url).start(wait_for=None)
    database = programs.folder / "matriz/clients.db"
    with Busy(server):
        for pages in (1, 2):
            until(lambda least=pages: _holds(facade, database, 10_000 * least), "pages copied")
            facade.kill()
            assert _copied(database) <= 20_000
            facade.start(wait_for=None)
        assert httpx.get(f"{server.url}/readyz").status_code == 200
        until(lambda: httpx.get(f"{facade.url}/readyz").status_code == 200, "ready")

    assert_in_step(facade, server)
    assert "Traceback" not in facade.output


def _holds(facade, database: Path, clients: int) -> bool:
    assert facade.process.poll() is None, facade.output
    return _copied(database) >= clients


def _copied(database: Path) -> int:
    try:
        connection = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)
        return connection.execute("SELECT count(*) FROM clients").fetchall()[0][0]
    except apsw.Error:
        return 0


def test_a_facade_killed_while_it_follows_is_in_step_again(programs, until, assert_in_step):
    server = programs.server().start()
    facade = programs.facade(server.url).start()
    with Busy(server) as busy:
        for _ in range(2):
            reached = busy.written + 20
            until(lambda least=reached: busy.written >= least, "writes under way")
            facade.kill()
            facade.start()

    assert_in_step(facade, server)


def test_reads_go_on_and_writes_are_kept_at_once_while_the_server_is_away(
    programs, until, sync_of, assert_in_step
):
    server = programs.server().start()
    (location,) = _names(server, "Ana")
    client_id = location.rsplit("/", 1)[1]
    facade = programs.facade(server.url).start()
    assert_in_step(facade, server)

    server.kill()
    key = str(uuid.uuid4())
    began = time.monotonic()
    kept = httpx.post(
        f"{facade.url}/client",
        json={"name": "Bia"},
        headers={"Idempotency-Key": key},
        timeout=ANSWERED_WITHIN_S,
    )
    took_s = time.monotonic() - began

    def age() -> int:
        answer = httpx.get(f"{facade.url}/client?id={client_id}")
        assert answer.json()["name"] == "Ana"
        return int(answer.headers["Age"])

    first = age()
    until(lambda: age() >= first + 2, "Age grows")
    away = sync_of(facade)
    server.start()
    again_at = time.monotonic()
    until(lambda: sync_of(facade)["state"] == "live", "live again", LIVE_AGAIN_WITHIN_S)
    until(
        lambda: httpx.get(f"{server.url}/clients/writes/{key}").status_code == 200,
        "the write that was kept is at the server",
        again_at + LIVE_AGAIN_WITHIN_S - time.monotonic(),
    )

    assert took_s < ANSWERED_WITHIN_S
    assert kept.status_code == 202
    assert kept.headers["Clientela-Write"] == key
    assert away["state"] == "offline"
    assert away["last_error"]
    assert away["outbox"]["pending"] == 1
    assert_in_step(facade, server)
    assert [c["name"] for c in httpx.get(f"{server.url}/clients").json()] == ["Ana", "Bia"]


def test_a_facade_refuses_the_server_of_another_register(programs, until, sync_of, assert_in_step):
    server = programs.server().start()
    _names(server, "Ana", "Bia")
    facade = programs.facade(server.url).start()
    assert_in_step(facade, server)
    held = httpx.get(f"{facade.url}/client").json()

    server.stop()
    shutil.rmtree(programs.folder / "server")
    server.start()
    told = until(
        lambda: "holds the register" in (sync_of(facade)["last_error"] or "") and sync_of(facade),
        "the facade tells of it",
    )
    read = httpx.get(f"{facade.url}/client")
    written = httpx.post(f"{facade.url}/client", json={"name": "Caio"}, timeout=15)

    assert told["state"] == "offline"
    assert len(re.findall("WARNING .*This facade holds the register", facade.output)) == 1
    assert read.json() == held
    assert written.status_code == 202  # kept for its own register
    until(lambda: sync_of(facade)["writes"][0]["attempts"] > 0, "it is tried, and not taken")
    assert httpx.get(f"{server.url}/clients").json() == []
    facade.stop()
    facade.start()
    shown = {client["name"] for client in httpx.get(f"{facade.url}/client").json()}
    assert shown == {client["name"] for client in held} | {"Caio"}
    assert httpx.get(f"{server.url}/clients").json() == []


def _drop_changes(database: Path) -> None:
    """Do what retention does once a year has gone by: keep the state, drop the past."""
    connection = apsw.Connection(str(database))
    connection.execute("DELETE FROM changes; UPDATE register SET beginning = version")
    connection.close()


def test_a_facade_left_behind_by_the_log_takes_a_fresh_copy_over_the_old(
    programs, until, assert_in_step
):
    server = programs.server().start()
    kept, changed, deleted = _names(server, "Ana", "Bia", "Caio")
    facade = programs.facade(server.url).start()
    assert_in_step(facade, server)
    facade.stop()
    httpx.patch(server.url + changed, json={"name": "Beatriz"})
    httpx.delete(server.url + deleted)
    _names(server, "Dora")
    server.stop()
    _drop_changes(programs.folder / "server/register.db")
    server.start()

    facade.start()

    def shown() -> list[str]:
        return [client["name"] for client in httpx.get(f"{facade.url}/client").json()]

    assert len(shown()) == 3  # readable at once, from the old copy or the new
    until(lambda: shown() == ["Ana", "Beatriz", "Dora"], "the fresh copy")
    assert_in_step(facade, server)
    assert "A fresh copy of the register" in facade.output
    assert httpx.get(f"{facade.url}/client?q=Bia").json() == []
    assert httpx.get(f"{facade.url}/client?id={deleted.rsplit('/', 1)[1]}").status_code == 410
    assert httpx.get(f"{facade.url}/client?id={kept.rsplit('/', 1)[1]}").status_code == 200


def test_a_row_changed_behind_the_replicas_back_is_found_by_its_next_change_and_heals(
    programs, until, sync_of, assert_in_step
):
    server = programs.server().start()
    (location, *_) = _names(server, "Ana", "Bia", "Caio")
    facade = programs.facade(server.url).start()
    assert_in_step(facade, server)
    facade.stop()
    replica = apsw.Connection(str(programs.folder / "matriz/clients.db"))
    replica.execute("UPDATE clients SET value = cast(replace(value, 'Ana', 'Eva') AS BLOB)")
    replica.execute("DELETE FROM clients WHERE cast(value AS TEXT) LIKE '%Caio%'")
    replica.close()
    facade.start()

    httpx.patch(server.url + location, json={"notes": "liga amanhã"})

    until(lambda: "changed behind its back" in facade.output, "the difference is told")
    assert_in_step(facade, server)
    assert sync_of(facade)["clients"] == 3
    assert [c["name"] for c in httpx.get(f"{facade.url}/client?q=caio").json()] == ["Caio"]
