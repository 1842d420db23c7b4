"""A disk without room: a write that does not fit is refused whole, and reads go on."""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

SIZE = "6m"
NOTES = "a" * 9_000


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"a small file system can't be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(session: httpx.Client) -> tuple[list[str], httpx.Response]:
    """Insert clients until one does not fit; gives the ids of those that did, and that answer."""
    ids = []
    for number in range(2_000):
        client = {"name": f"Cliente {number}", "notes": NOTES}
        answer = session.post("/clients", json=client)
        if answer.status_code != 201:
            return ids, answer
        ids.append(answer.headers["Location"].rsplit("/", 1)[1])
    pytest.fail("the disk was never full")


def test_a_full_disk_refuses_writes_whole_and_serves_reads(
    small_disk, programs, free_ports_of, read_register
):
    room = small_disk / "room"  # the log has its own elsewhere
    room.write_bytes(b"\0" * 1_500_000)
    port = free_ports_of(1)
    database = f"sqlite:///{small_disk}/register.db"
    logs = f"sqlite:///{programs.folder}/logs.db"
    arguments = ["server", "--db", database, "--log-db", logs, "--port", str(port)]
    server = programs.program("full", arguments, port)
    server.start()
    with httpx.Client(base_url=server.url, timeout=10) as session:
        ids, refused = _fill(session)
        batch = [
            {
                "write_id": f"00000000-0000-4000-8000-{number:012d}",
                "operation": "insert",
                "client_id": f"00000000-0000-4000-9000-{number:012d}",
                "set": {"name": f"Junto {number}", "notes": NOTES},
            }
            for number in range(100)
        ]
        whole = session.post("/clients/writes", json=batch)
        full = read_register(f"{server.url}/clients")
        receipts = [
            session.get(f"/clients/writes/{write['write_id']}").status_code for write in batch
        ]

        room.unlink()
        again = session.post(
            "/clients",
            json={"name": "Ana", "notes": NOTES},
            headers={"Idempotency-Key": refused.headers["Clientela-Write"]},
        )
        batched = session.post("/clients/writes", json=batch[:20])
    after = read_register(f"{server.url}/clients")
    server.kill()
    server.start()

    for answer in (refused, whole):
        assert answer.status_code == 507
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "disk-full"
    assert set(full.rows) == set(ids)
    assert set(receipts) == {404}
    assert again.status_code == 201
    assert {receipt["outcome"] for receipt in batched.json()} == {"accepted"}
    assert len(after.rows) == len(ids) + 1 + 20
    assert read_register(f"{server.url}/clients") == after
    tip = httpx.get(f"{server.url}/clients?limit=1").headers["Clientela-Digest"]
    assert tip == after.digest


def test_a_facade_without_room_keeps_reading_and_is_in_step_once_there_is(
    small_disk, programs, free_ports_of, until, load_clients, assert_in_step, sync_of
):
    room = small_disk / "room"
    server = programs.server().start()
    load_clients(server.url, 1_000)
    port = free_ports_of(1)
    arguments = ["facade", "--server", server.url, "--data", str(small_disk), "--port", str(port)]
    facade = programs.program("branch", arguments, port).start()
    assert_in_step(facade, server)
    with room.open("wb", buffering=0) as filling, suppress(OSError):
        while filling.write(b"\0" * 4_096):
            pass
    with httpx.Client(base_url=server.url) as session:
        for number in range(200):
            session.post("/clients", json={"name": f"Novo {number}", "notes": NOTES})

    until(lambda: "disk is full" in (sync_of(facade)["last_error"] or ""), "the facade tells")
    read = httpx.get(f"{facade.url}/client?limit=10")
    room.unlink()

    assert len(read.json()) == 10
    assert_in_step(facade, server)
