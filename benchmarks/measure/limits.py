"""What the machine allows at most, in this process: SQLite without HTTP, and fsync alone."""

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import apsw

from measure.stage import Stage, say
from peers.nginx import stored

LIMITS = "limits"
INSERTS_PER_SECOND = 30_000  # clients made ready: more than are inserted
BLOCK = b"\0" * 4_096
TITLES = {
    "sqlite-read": "SQLite alone (apsw), reads by id",
    "sqlite-insert": "SQLite alone (apsw), inserts, an fsync each",
    "sqlite-insert-100": "SQLite alone (apsw), rows inserted, an fsync per 100",
    "fsync": "4 kB appended and fsync",
}


def measure(stage: Stage) -> None:
    """Measure all of them."""
    folder = stage.folder / "limits"
    folder.mkdir(exist_ok=True)
    stage.results.titles.update(TITLES)
    for number in range(stage.form.rounds):
        say("SQLite alone, fsync alone")
        for name, per_second in _figures(stage, folder / str(number)).items():
            stage.results.add(LIMITS, name, per_second)


def _figures(stage: Stage, folder: Path) -> dict[str, float]:
    folder.mkdir()
    database = apsw.Connection(str(folder / "clients.db"))
    database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE clients (seq INTEGER PRIMARY KEY, id BLOB UNIQUE, value BLOB)")
    rows = [(client["id"].replace("-", ""), stored(client)) for client in stage.clients]
    insert = "INSERT INTO clients (id, value) VALUES (unhex(?), ?)"
    with database:
        database.executemany(insert, rows)
    newcomers = iter(stage.newcomers(int(INSERTS_PER_SECOND * stage.form.seconds)))
    encoded = ((client["id"].replace("-", ""), stored(client)) for client in newcomers)

    def insert_hundred() -> None:
        with database:
            database.executemany(insert, [next(encoded) for _ in range(100)])

    keys = [bytes.fromhex(key) for key, _ in rows]
    chance = random.Random(1)  # noqa: S311 - not a secret
    with (folder / "synced").open("ab", buffering=0) as synced:
        seconds = stage.form.seconds / 2
        return {
            "sqlite-read": _rate(lambda: _read(database, chance.choice(keys)), seconds),
            "sqlite-insert": _rate(lambda: database.execute(insert, next(encoded)), seconds),
            "sqlite-insert-100": 100 * _rate(insert_hundred, seconds / 4),
            "fsync": _rate(lambda: _sync(synced.fileno()), seconds),
        }


def _read(database: apsw.Connection, key: bytes) -> None:
    found = database.execute("SELECT value FROM clients WHERE id = ?", (key,)).get
    assert found  # noqa: S101 - each key is there


def _sync(descriptor: int) -> None:
    os.write(descriptor, BLOCK)
    os.fsync(descriptor)


def _rate(work: Callable[[], object], seconds: float) -> float:
    """Do it again and again; gives times a second."""
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        work()
        done += 1
    return done / (time.perf_counter() - began)
