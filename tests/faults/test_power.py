"""A power cut takes what was not synced, and never what an answer rested on."""

import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from clientela.cli.torture.power import tear

# Killed with its WAL as it was; the checkpoint at the end of a process would tidy it up.
WRITER = """
import os, signal, sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA journal_mode=WAL")
db.execute("CREATE TABLE outbox (seq INTEGER PRIMARY KEY)")
db.execute("CREATE TABLE clients (id INTEGER PRIMARY KEY, value TEXT)")
for number in range(20):
    db.execute("INSERT INTO clients VALUES (?, ?)", (number, "x" * 3000))
    if number == 9:
        db.execute("INSERT INTO outbox VALUES (1)")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "clients.db"
    done = subprocess.run([sys.executable, "-c", WRITER, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.with_name("clients.db-wal").stat().st_size > 0
    return path


def chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - not a secret


def rows(database: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (clients,) = connection.execute("SELECT count(*) FROM clients").fetchone()
        (waiting,) = connection.execute("SELECT count(*) FROM outbox").fetchone()
        return clients, waiting


@pytest.mark.parametrize("seed", range(10))
def test_the_server_loses_nothing_that_was_committed(database: Path, seed: int):
    assert tear(database, chance(seed), replica=False) == 0
    assert rows(database) == (20, 1)


@pytest.mark.parametrize("seed", range(10))
def test_a_replica_loses_its_last_commits_but_nothing_of_the_outbox(database: Path, seed: int):
    lost = tear(database, chance(seed), replica=True)
    clients, waiting = rows(database)

    assert clients == 20 - lost
    assert clients >= 10
    assert waiting == 1


def test_something_is_lost_at_all(database: Path):
    copy = database.with_name("copy.db")
    lost = []
    for seed in range(10):
        for end in ("", "-wal", "-shm"):
            Path(f"{copy}{end}").write_bytes(Path(f"{database}{end}").read_bytes())
        lost.append(tear(copy, chance(seed), replica=True))

    assert max(lost) > 2
