"""Whether a million clients cost more than a thousand, and how soon a facade starts."""

from collections.abc import Sequence
from contextlib import ExitStack, closing

from load.clients import Client, clients, documents_of, without
from load.drive import drive
from load.http import request
from measure.point_read import read_for_a_while
from measure.stage import Stage, in_turns, say
from peers.clientela import Facade
from peers.peer import PeerError

INSERT_CONNECTIONS = 64
INSERTS = 20_000
READ, INSERT, START = "growth_read", "growth_insert", "facade_start"


class FacadeOfFew(Facade):
    """A facade of a small register."""

    name = "few"
    title = "Clientela, 1,000 clients"


class FacadeOfMany(Facade):
    """A facade of a large one."""

    name = "many"
    title = "Clientela, 1,000,000 clients"


SIZES: dict[type[Facade], int] = {FacadeOfFew: 1_000, FacadeOfMany: 1_000_000}


def measure(stage: Stage) -> None:
    """Measure a facade and its server with few clients and with many; ours alone."""
    if not stage.form.grows or not stage.is_chosen(Facade):
        return
    held = {kind.name: clients(count) for kind, count in SIZES.items()}
    with ExitStack() as stack:
        try:
            started = (stage.start(kind, held[kind.name]) for kind in SIZES)
            facades = [stack.enter_context(closing(facade)) for facade in started]
            _starts(stage, facades[-1])
        except PeerError as error:
            stage.skip(FacadeOfMany, str(error))
            return
        for number, facade in enumerate(in_turns(facades, stage.form.rounds)):
            say(f"growth, {facade.title}")
            read_for_a_while(stage, facade, READ, held[facade.name], seed=number)
            with stage.noting(INSERT, facade):
                _insert(stage, facade, held[facade.name])


def _starts(stage: Stage, facade: Facade) -> None:
    for _ in range(stage.form.rounds):
        say("a facade's start")
        facade.stop(facade.facade)
        stage.results.add(START, facade.name, facade.start())


def _insert(stage: Stage, facade: Facade, held: Sequence[Client]) -> None:
    """Insert at the facade's server, directly."""
    made = without(stage.newcomers(INSERTS), documents_of(held))
    driven = drive(
        facade.server_port,
        [request("POST", "/clients", client) for client in made],
        connections=INSERT_CONNECTIONS,
        seconds=stage.form.seconds,
    )
    stage.results.add(INSERT, facade.name, driven.per_second)
    stage.results.check(INSERT, facade.name, requests=len(driven.latencies_s), failed=driven.wrong)
