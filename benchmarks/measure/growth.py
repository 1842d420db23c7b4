"""Whether a million clients cost more than a thousand, and how soon a facade starts."""

from collections.abc import Sequence

from load.clients import Client, clients, without
from load.drive import drive
from load.http import Answer
from measure.point_read import read_for_a_while
from measure.stage import Stage, in_turns, say
from peers.clientela import Clientela, Facade
from peers.peer import PeerError

FEW = 1_000
INSERT_CONNECTIONS = 64
INSERTS = 20_000
READ, INSERT, START = "growth_read", "growth_insert", "facade_start"


class _Server(Clientela):
    """The server behind a facade, spoken to directly."""

    def __init__(self, facade: Facade) -> None:
        self.name, self.port = facade.name, facade.server_port  # type: ignore[misc]


def measure(stage: Stage) -> None:
    """Measure a facade and its server with few clients and with many; ours alone."""
    if not stage.form.many_clients or not stage.is_chosen(Facade):
        return
    held = {name: clients(count) for name, count in _sizes(stage).items()}
    facades: dict[str, Facade] = {}
    try:
        for name, made in held.items():
            facades[name] = stage.start(Facade, made, f"growth-{name}")
        _grow(stage, facades, held)
    except PeerError as error:
        stage.skip(Facade, str(error))
    finally:
        for facade in facades.values():
            facade.close()


def _sizes(stage: Stage) -> dict[str, int]:
    return {"few": FEW, "many": stage.form.many_clients}


def _grow(stage: Stage, facades: dict[str, Facade], held: dict[str, Sequence[Client]]) -> None:
    for name, facade in facades.items():
        facade.name = name  # type: ignore[misc]
        stage.results.titles[name] = f"Clientela, {len(held[name]):,} clients"
    for _ in range(stage.form.rounds):
        say("a facade's start")
        facade = facades["many"]
        facade.stop(facade.facade)
        stage.results.add(START, facade.name, facade.start())
    for number, facade in enumerate(in_turns(list(facades.values()), stage.form.rounds)):
        say(f"growth, {facade.name}")
        read_for_a_while(stage, facade, READ, list(held[facade.name]), seed=number)
        made = without(stage.newcomers(INSERTS), held[facade.name])
        with stage.noting(INSERT, facade):
            _insert(stage, _Server(facade), made)


def _insert(stage: Stage, server: Clientela, made: Sequence[Client]) -> None:
    def judge(_number: int, answer: Answer) -> bool:
        return server.is_inserted(answer.status, answer.body)

    driven = drive(
        server.port,
        [server.insert(client) for client in made],
        connections=INSERT_CONNECTIONS,
        seconds=stage.form.seconds,
        judge=judge,
    )
    stage.results.add(INSERT, server.name, driven.per_second)
    stage.results.check(INSERT, server.name, requests=len(driven.latencies_s), failed=driven.wrong)
