"""A replica that came to differ is put right row by row, by itself."""

import sqlite3
from uuid import UUID

import httpx

from clientela.cli.demo_people import people


def write(facade_url, clients):
    for client in clients:
        assert httpx.post(f"{facade_url}/client", json=client).status_code == 201


def test_rows_tampered_with_while_the_facade_was_down_are_repaired_alone(programs, until):
    server = programs.server().start()
    facade = programs.facade(server.url).start()
    write(facade.url, people(60, seed=7))
    until(lambda: httpx.get(f"{facade.url}/sync").json()["digest"]["agreed"], "agreed")
    facade.stop()
    with sqlite3.connect(programs.folder / "matriz" / "clients.db") as database:
        rows = database.execute("SELECT id, value FROM clients ORDER BY id").fetchall()
        changed, dropped = rows[10], rows[20]
        forged = changed[1].replace(b'"name":"', b'"name":"X')
        database.execute("UPDATE clients SET value = ? WHERE id = ?", (forged, changed[0]))
        database.execute("DELETE FROM clients WHERE id = ?", (dropped[0],))
        stranger = UUID("0198c5a2-7d31-7cc4-9f0e-2b6a5d8e4c11")
        value = changed[1].replace(str(UUID(bytes=changed[0])).encode(), str(stranger).encode())
        database.execute(
            "INSERT INTO clients (id, version, value) VALUES (?, ?, ?)",
            (stranger.bytes, "0000000001_00000000000000000001", value),
        )
    database.close()

    facade.start()

    until(
        lambda: httpx.get(f"{facade.url}/sync").json()["digest"]["rows_repaired"] == 3, "repaired"
    )
    until(lambda: httpx.get(f"{facade.url}/sync").json()["digest"]["agreed"], "agreed again")
    assert httpx.get(f"{facade.url}/client").json() == httpx.get(f"{server.url}/clients").json()
    assert "fresh copy" not in facade.output


def test_the_ranges_and_the_rows_of_the_digests_add_up_to_the_registers_own(programs):
    server = programs.server().start()
    for client in people(30, seed=3):
        httpx.post(f"{server.url}/clients", json=client)
    total = httpx.get(f"{server.url}/clients?limit=1").headers["Clientela-Digest"]

    report = httpx.get(f"{server.url}/clients/digests").json()
    rows = httpx.get(f"{server.url}/clients/digests/rows").json()

    def added(digests):
        return f"{sum(int(digest, 16) for digest in digests) % 2**128:032x}"

    assert added(part["digest"] for part in report["ranges"]) == total
    assert added(row["digest"] for row in rows["rows"]) == total
    assert report["version"] == rows["version"]
