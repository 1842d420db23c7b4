"""A register moves from SQLite to PostgreSQL: the same register, and nobody has to copy it anew."""

import re
import subprocess
import sys

import httpx
import psycopg
import pytest


def migrate(source, target):
    command = [sys.executable, "-m", "clientela.cli", "migrate", "--from", source, "--to", target]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def server(programs):
    return programs.server().start()


def register_of(server):
    return f"sqlite:///{server.log.parent / 'server' / 'register.db'}"


def fill(url):
    """Leave a bit of everything: clients, a change, a deletion, a refusal."""
    made = [
        httpx.post(f"{url}/clients", json={"name": f"Ana {n}", "notes": "%" * n}).headers
        for n in range(30)
    ]
    first, second = (headers["location"] for headers in made[:2])
    assert httpx.patch(url + first, json={"document": "529.982.247-25"}).status_code == 200
    assert httpx.patch(url + second, json={"document": "529.982.247-25"}).status_code == 409
    assert httpx.delete(url + second).status_code == 204
    return made[0]["clientela-write"]


def shown(url, write_id):
    """Everything that is read of a register, byte by byte."""
    paths = (
        "/clients",
        "/clients?limit=7&order=desc",
        "/clients/changes",
        "/clients/digests",
        f"/clients/writes/{write_id}",
    )
    answers = [httpx.get(url + path) for path in paths]
    told = ("clientela-register", "clientela-version", "clientela-digest", "etag")
    return [(a.status_code, a.content, [a.headers.get(name) for name in told]) for a in answers]


def test_a_register_is_the_same_after_its_move(server, programs, postgres_url, until):
    write_id = fill(server.url)
    facade = programs.facade(server.url).start()
    before = shown(server.url, write_id)
    source = register_of(server)
    server.stop()

    moved = migrate(source, postgres_url)
    assert moved.returncode == 0, moved.stderr
    logs = f"sqlite:///{programs.folder / 'logs.db'}"
    server.arguments += ["--db", postgres_url, "--log-db", logs]
    server.start()

    assert shown(server.url, write_id) == before
    assert "Moved 29 clients" in moved.stdout
    answer = httpx.post(f"{server.url}/clients", json={"name": "Bia"})
    assert answer.headers["etag"].endswith(f'{33:020d}"')
    one = answer.headers["location"].rsplit("/", 1)[1]
    until(
        lambda: httpx.get(f"{facade.url}/client?id={one}").status_code == 200,
        "the branch follows on",
    )
    assert "copy" not in facade.output


def test_a_register_that_is_in_use_stays(server, postgres_url):
    moved = migrate(register_of(server), postgres_url)

    assert moved.returncode == 2
    assert "is in use by process" in moved.stderr


def test_a_database_that_has_a_register_is_left_as_it_is(server, postgres_url):
    source = register_of(server)
    fill(server.url)
    server.stop()
    assert migrate(source, postgres_url).returncode == 0
    server.start()
    server.stop()

    again = migrate(source, postgres_url)

    assert again.returncode == 2
    assert "holds a register already" in again.stderr
    with psycopg.connect(postgres_url) as connection:
        (count,) = connection.execute("SELECT count(*) FROM clients").fetchone()
    assert count == 29


def test_a_database_that_is_away_is_told_without_the_password(server):
    source = register_of(server)
    server.stop()

    moved = migrate(source, "postgresql://ana:secret-word@127.0.0.1:1/clientela")

    assert moved.returncode == 2
    assert "secret-word" not in moved.stdout + moved.stderr
    assert re.search(r"postgresql://ana@127.0.0.1:1/clientela can't be used", moved.stderr)
