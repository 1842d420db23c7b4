"""A person that was erased is nowhere: in no answer and no file, at no server and no facade."""

import random
import sqlite3
import threading
from uuid import uuid4

import httpx
import pytest

NAME, DOCUMENT, PHONE = "Zeferina Qxcanario", "39053344705", "+5511976543219"
CANARIES = (b"eferina", b"qxcanari", b"390533447", b"976543219", b"passarinho", b"gaiola")
FIELDS = {
    "name": NAME,
    "email": "zeferina@example.com",
    "document": DOCUMENT,
    "phone": PHONE,
    "notes": "passarinho",
}


def canaries_in(folder):
    """Give what is left of the person in the bytes of every file, by the file's name."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            held = path.read_bytes().lower()
            left = [canary for canary in CANARIES if canary in held]
            found |= {path.name: left} if left else {}
    return found


def insert(url, **fields):
    """Insert a client at a facade; gives its id."""
    answer = httpx.post(f"{url}/client", json=fields, timeout=20)
    assert answer.status_code in (201, 202), answer.text
    return answer.headers["Location"].partition("id=")[2]


def patch(facade, client_id, **fields):
    answer = httpx.patch(f"{facade.url}/client?id={client_id}", json=fields, timeout=20)
    assert answer.status_code in (200, 202), answer.text
    return answer.headers["Clientela-Write"]


def outbox(facade):
    return httpx.get(f"{facade.url}/sync").json()["outbox"]


def erase(run, server, client_id):
    done = run(["person", "erase", client_id, "--server", server.url, "--yes"])
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture
def branches(programs, until):
    """A server with two facades that are live."""
    server = programs.server().start()
    facades = [programs.facade(server.url, name).start() for name in ("matriz", "filial")]
    for facade in facades:
        until(lambda f=facade: httpx.get(f"{f.url}/sync").json()["state"] == "live", "live")
    return server, *facades


def shown_at(facade, client_id):
    """Give all that a facade tells, of everyone and of this client."""
    paths = ["/client", "/client?limit=100", "/client/changes", "/sync", "/sync/changes"]
    paths += ["/sync/lost", f"/client/history?id={client_id}", "/client?q=qxcanario", "/metrics"]
    return b"".join(httpx.get(facade.url + path).content for path in paths).lower()


def test_nothing_of_a_person_is_left_anywhere(programs, branches, until, run, assert_in_step):
    server, matriz, filial = branches
    kept = insert(matriz.url, name="Ana")
    person = insert(matriz.url, **FIELDS)
    assert httpx.post(f"{filial.url}/client", json={"name": "B", "document": DOCUMENT}).is_error
    until(lambda: httpx.get(f"{filial.url}/client?id={person}").is_success, "there, too")
    server.kill()
    write_id = patch(matriz, person, notes="gaiola um")
    patch(filial, person, notes="gaiola dois")
    server.start()
    until(lambda: outbox(matriz)["refused"] + outbox(filial)["refused"] == 1, "one is refused")
    server.kill()
    patch(filial, person, name=f"{NAME} Gaiola")
    filial.kill()
    server.start()
    exported = run(["person", "export", person, "--server", server.url])

    erased = erase(run, server, person)
    again = erase(run, server, person)

    assert "passarinho" in exported.stdout
    assert "gaiola um" in exported.stdout or "gaiola dois" in exported.stdout
    assert erased.stdout.splitlines()[0] == again.stdout.splitlines()[0]
    until(lambda: httpx.get(f"{matriz.url}/client?id={person}").status_code == 410, "gone")
    assert not [canary for canary in CANARIES if canary in shown_at(matriz, person)]
    until(lambda: not canaries_in(programs.folder / "server"), "left the server's files")
    until(lambda: not canaries_in(programs.folder / "matriz"), "left the facade's files")
    receipt = httpx.get(f"{server.url}/clients/writes/{write_id}").json()
    assert (receipt["client_id"], receipt["operation"]) == (person, "update")

    assert canaries_in(programs.folder / "filial") != {}  # it was away
    filial.start()

    until(lambda: httpx.get(f"{filial.url}/client?id={person}").status_code == 410, "gone")
    until(lambda: not canaries_in(programs.folder / "filial"), "left the other's files")
    assert not [canary for canary in CANARIES if canary in shown_at(filial, person)]
    assert outbox(filial) == {"pending": 0, "refused": 0, "oldest_age_ms": None}
    dropped = [httpx.get(f"{f.url}/sync").json()["erased_writes"] for f in (matriz, filial)]
    assert sum(dropped) == 2  # the refused one and the pending one
    for facade in (matriz, filial):
        assert_in_step(facade, server)
        assert httpx.get(f"{facade.url}/client?id={kept}").is_success


def test_a_facade_that_lost_the_log_hears_of_erasures_all_the_same(
    programs, branches, until, run, assert_in_step
):
    server, _, filial = branches
    person = insert(filial.url, **FIELDS)
    server.kill()
    patch(filial, person, notes="gaiola")
    filial.kill()
    server.start()
    erase(run, server, person)
    insert_after = httpx.post(f"{server.url}/clients", json={"name": "Depois"})
    server.stop()
    with sqlite3.connect(programs.folder / "server" / "register.db") as file:
        file.execute("DELETE FROM changes")
        file.execute("UPDATE register SET beginning = version")
    server.start()

    filial.start()

    until(lambda: "fresh copy" in filial.output, "no log leads there")
    until(lambda: not canaries_in(programs.folder / "filial"), "left the files")
    assert insert_after.status_code == 201
    assert httpx.get(f"{filial.url}/sync").json()["erased_writes"] == 1
    assert_in_step(filial, server)


def erase_all(url, ids, acknowledged):
    """Erase one after the other, as long as the server answers."""
    with httpx.Client(timeout=5) as session:
        for client_id in ids:
            try:
                answer = session.post(f"{url}/clients/{client_id}/erasure")
            except httpx.TransportError:
                return
            if answer.status_code == 200:
                acknowledged.append(client_id)


def test_kill_9_leaves_no_erasure_half_done(programs, branches, until, assert_in_step):
    server, matriz, filial = branches
    chance = random.Random(8)  # noqa: S311 - a seeded fault
    persons = [insert(matriz.url, **{**FIELDS, "document": None}) for _ in range(40)]
    acknowledged: list[str] = []
    for part in (persons[:20], persons[20:]):
        eraser = threading.Thread(target=erase_all, args=(server.url, part, acknowledged))
        eraser.start()
        enough = len(acknowledged) + chance.randint(1, 10)
        until(lambda enough=enough: len(acknowledged) >= enough, "some are erased")
        for program in (server, filial):
            program.kill()
            program.start(wait_for=None)
        eraser.join()
        until(lambda: httpx.get(f"{server.url}/readyz").is_success, "again")
    states = {one: httpx.get(f"{server.url}/clients/{one}/export").json() for one in persons}

    assert all(states[one]["state"] == "erased" for one in acknowledged)
    for told in states.values():
        rest = (len(told["history"]), bool(told["writes"][0]["write"]["set"]))
        assert rest == ((1, False) if told["state"] == "erased" else (1, True))
    assert 0 < len(acknowledged) < len(persons)
    erase_all(server.url, persons, acknowledged)
    assert set(acknowledged) == set(persons)
    for name, program in (("server", server), ("matriz", matriz), ("filial", filial)):
        until(lambda name=name: not canaries_in(programs.folder / name), f"left {name}")
        if program is not server:
            assert_in_step(program, server)


def test_a_backup_brings_nobody_back(programs, branches, until, run, assert_in_step):
    server, matriz, _ = branches
    person = insert(matriz.url, **FIELDS)
    register, backup = programs.folder / "server" / "register.db", programs.folder / "copy.db"
    url = f"sqlite:///{register}"
    assert run(["backup", "--db", url, "--out", str(backup)]).returncode == 0
    late = insert(matriz.url, name="Gaiola", notes="passarinho")
    for one in (person, late):
        erase(run, server, one)
    server.stop()

    done = run(["restore", "--from", str(backup), "--db", url, "--force"])
    server.start()

    assert "Erased again: 2" in done.stdout, done.stderr
    assert httpx.get(f"{server.url}/clients/{person}").status_code == 410
    told = httpx.get(f"{server.url}/clients/erasures").json()
    assert {one["client_id"] for one in told} == {person, late}
    assert_in_step(matriz, server)
    until(lambda: not canaries_in(programs.folder / "matriz"), "left the facade's files")
    server.stop()
    assert canaries_in(programs.folder / "server") == {}
    assert canaries_in(programs.folder) == {"copy.db": [b"eferina", *CANARIES[1:5]]}


def test_the_trail_tells_who_did_what(programs):
    server = programs.server().start()
    matriz = programs.facade(server.url).start()
    person = insert(matriz.url, **FIELDS)
    httpx.get(f"{server.url}/clients/{person}/export")
    key = str(uuid4())
    erasure = f"{server.url}/clients/{person}/erasure"
    first = httpx.post(erasure, headers={"Idempotency-Key": key})
    again = httpx.post(erasure, headers={"Idempotency-Key": key})

    trail = httpx.get(f"{server.url}/audit", params={"client": person, "order": "asc"}).json()

    assert [entry["action"] for entry in trail] == ["insert", "export", "erase"]
    assert [entry["facade"] for entry in trail] == ["matriz", None, None]
    assert [entry["address"] for entry in trail] == ["127.0.0.1"] * 3
    assert trail[2]["version"] == first.json()["version"]
    assert first.content == again.content
    page = httpx.get(f"{server.url}/audit", params={"facade": "matriz", "limit": 1})
    assert [entry["id"] for entry in page.json()] == [trail[0]["id"]]
    rows = httpx.get(f"{server.url}/audit", headers={"Accept": "text/csv"}).text
    assert rows.startswith("id,time,action,client_id,write_id,outcome")


def test_an_erasure_asks_before_it_erases(programs, run):
    server = programs.server().start()
    person = str(uuid4())
    httpx.post(f"{server.url}/clients", json={"id": person, **FIELDS})
    arguments = ["person", "erase", person, "--server", server.url]

    done = run(arguments)
    unknown = run(["person", "erase", str(uuid4()), "--server", server.url, "--yes"])

    assert done.returncode != 0
    assert unknown.returncode == 2
    assert "No client has this id." in unknown.stderr
    assert httpx.get(f"{server.url}/clients/{person}").is_success
