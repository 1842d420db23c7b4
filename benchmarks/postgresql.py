"""Two servers on one PostgreSQL: inserts beside pgbench's, and how soon the other server tells.

``python benchmarks/postgresql.py`` starts a PostgreSQL with its defaults (fsync, synchronous
commit) and prints what docs/benchmarks.md tells. pgbench runs the servers' own transaction with
as many rows in each as the servers reached; the rounds alternate.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import psycopg

from clientela.server.postgres_store import PostgresStore
from clientela.storage.urls import PostgresUrl
from load import pgbench
from load.clients import Client, documents_of, newcomers, without
from load.fan_out import following
from load.http import Connection, request
from load.posting import post
from peers.clientela import are_accepted, insert_of
from peers.peer import free_port
from shared_cache import wait_for

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from postgres import Cluster  # the tests know how to start one

SERVERS = 2
PER_SECOND_MAX = 12_000  # clients made ready for each second: more than two servers take
PROPAGATED_MAX, PROPAGATED_SEED = 2_000, 7
PAYLOAD = """
SELECT c.value, h.message, r.write, r.receipt FROM clients c
JOIN changes h ON h.client_id = c.id JOIN creations m ON m.client_id = c.id
JOIN receipts r ON r.write_id = m.write_id LIMIT 1
"""
# A transaction has one xmin.
GROUPS = "SELECT count(*), count(DISTINCT xmin::text) FROM changes WHERE version > %s"
VERSION = "SELECT version FROM register"
FOLLOW = (
    b"GET /clients/changes?offset=now&live=sse HTTP/1.1\r\nHost: localhost\r\n"
    b"Accept: text/event-stream\r\n\r\n"
)


class Way(NamedTuple):
    """How clients arrive: so many a request, over so many connections."""

    title: str
    size: int
    connections: int

    def requests(self, clients: Sequence[Client]) -> list[bytes]:
        """Encode them."""
        if self.size == 1:
            return [request("POST", "/clients", client) for client in clients]
        starts = range(0, len(clients) - self.size + 1, self.size)
        groups = ([insert_of(c) for c in clients[at : at + self.size]] for at in starts)
        return [request("POST", "/clients/writes", group) for group in groups]


WAYS = (Way("one a request, 64 connections", 1, 64), Way("100 a request, 8 connections", 100, 8))


class Bench:
    """Two servers on a database, and another database of the same tables for pgbench."""

    def __init__(self, cluster: Cluster, ports: Sequence[int], *, seconds: int) -> None:
        self._ports, self._seconds = ports, seconds
        self._pgbench = cluster.program("pgbench")
        self._theirs = cluster.fresh_database()
        self._seed = 10
        self._taken: set[str] = documents_of(newcomers(PROPAGATED_MAX, PROPAGATED_SEED))
        make_register(self._theirs)

    def ours(self, way: Way, database: str) -> tuple[float, float]:
        """Insert through the servers; gives rows a second, and rows in a transaction."""
        self._seed += 1
        clients = without(newcomers(self._seconds * PER_SECOND_MAX, self._seed), self._taken)
        self._taken |= documents_of(clients)
        with psycopg.connect(database, autocommit=True) as connection:
            ((before,),) = connection.execute(VERSION).fetchall()
            answers, took_s = asyncio.run(
                post(
                    self._ports,
                    way.requests(clients),
                    connections=way.connections,
                    seconds=self._seconds,
                )
            )
            for answer in answers:
                if answer.status != 201 and not (way.size > 1 and are_accepted(answer.body)):
                    raise RuntimeError(f"not inserted: {answer.status}")
            ((rows, groups),) = connection.execute(GROUPS, (before,)).fetchall()
        if rows != len(answers) * way.size:
            raise RuntimeError(f"{rows} rows are there, {len(answers) * way.size} were told")
        return rows / took_s, rows / groups

    def theirs(self, rows: int, payload: pgbench.Payload) -> float:
        """Let pgbench do the same; gives rows a second."""
        return pgbench.rows_per_second(
            self._pgbench,
            self._theirs,
            pgbench.script(rows, payload),
            rows,
            clients=SERVERS,
            seconds=self._seconds,
        )


def make_register(url: str) -> None:
    """Make the tables, with an empty register."""
    store = PostgresStore(
        PostgresUrl(url), now=lambda: datetime.now(UTC), new_register=lambda: str(uuid4())
    )
    store.close()


def compare(bench: Bench, way: Way, database: str, rounds: int) -> str:
    """Alternate; gives a row of the table."""
    _, rows = bench.ours(way, database)  # what is thrown away: everything is warm after it
    with psycopg.connect(database) as connection:
        payload = pgbench.Payload(*connection.execute(PAYLOAD).fetchall()[0])
    found: list[tuple[float, float, float]] = []
    for number in range(rounds):
        theirs_first = bench.theirs(round(rows), payload) if number % 2 else 0.0
        ours, rows = bench.ours(way, database)
        theirs = theirs_first or bench.theirs(round(rows), payload)
        found.append((ours, theirs, rows))
        print(f"  {way.title}: {ours:,.0f} and {theirs:,.0f}, {rows:.1f} rows", flush=True)
    ours, theirs, rows = (statistics.median(column) for column in zip(*found, strict=True))
    ratio = statistics.median(mine / other for mine, other, _ in found)
    return f"| {way.title} | {rows:.0f} | {ours:,.0f} | {theirs:,.0f} | {ratio:.2f} |"


def propagation(ports: Sequence[int], inserts: int) -> str:
    """Insert at one server, one after another, and follow the other; gives a line."""
    took: list[float] = []
    with following() as followers, Connection(ports[0]) as one:
        followers.open(ports[1], 1, FOLLOW, b"upToDate")
        for client in newcomers(PROPAGATED_MAX, PROPAGATED_SEED)[:inserts]:
            sent = request("POST", "/clients", client)
            took += followers.until_all_have(client["id"].encode(), sender(one, sent))
    took.sort()
    p50, p99 = (1_000 * took[round(part * (len(took) - 1))] for part in (0.5, 0.99))
    return f"Propagation over {inserts} inserts: p50 {p50:.1f} ms, p99 {p99:.1f} ms"


def sender(connection: Connection, sent: bytes) -> Callable[[], None]:
    """Give what sends one insert; raises RuntimeError when it is refused."""

    def send() -> None:
        answer = connection.ask(sent)
        if answer.status != 201:
            raise RuntimeError(f"not inserted: {answer}")

    return send


@contextmanager
def servers(folder: Path, database: str) -> Iterator[list[int]]:
    """Run the servers; gives their ports."""
    ports = [free_port() for _ in range(SERVERS)]
    running = []
    try:
        for port in ports:
            logs = f"sqlite:///{folder / str(port)}.db"
            options = ["server", "--db", database, "--log-db", logs, "--port", str(port)]
            running.append(subprocess.Popen([sys.executable, "-m", "clientela.cli", *options]))
        for port in ports:
            wait_for(f"http://127.0.0.1:{port}/readyz")
        yield ports
    finally:
        for process in running:
            process.terminate()
            process.wait(20)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--inserts", type=int, default=500)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as data, tempfile.TemporaryDirectory() as logs:
        cluster = Cluster(Path(data), free_port(), settings=()).start()
        try:
            database = cluster.fresh_database()
            with servers(Path(logs), database) as ports:
                print(propagation(ports, chosen.inserts), flush=True)
                bench = Bench(cluster, ports, seconds=chosen.seconds)
                lines = [compare(bench, way, database, chosen.rounds) for way in WAYS]
            print("| clients arrive | rows in a transaction | Clientela | pgbench | ratio |")
            print("|---|---:|---:|---:|---:|", *lines, sep="\n")
        finally:
            cluster.stop()


if __name__ == "__main__":
    main()
