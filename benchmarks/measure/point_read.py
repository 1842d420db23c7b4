"""One client by its id, as fast as it is answered: of a hot set, and of all."""

from load.wrk import Load, wrk
from measure.stage import Stage, in_turns, right_answers, say
from peers.peer import Peer
from peers.roster import READERS

CONNECTIONS = 32
HOT, RANDOM = "point_read_hot", "point_read_random"


def measure(stage: Stage) -> None:
    """Measure every peer that can be read."""
    for number, peer in enumerate(in_turns(stage.running(READERS), stage.form.rounds)):
        say(f"point reads, {peer.title}")
        for figure, held in ((HOT, stage.hot), (RANDOM, stage.clients)):
            read_for_a_while(stage, peer, figure, held, seed=number)


def read_for_a_while(
    stage: Stage, peer: Peer, figure: str, held: list[dict[str, str]], seed: int
) -> None:
    """Read clients at random; add throughput and what was checked under a name."""
    with stage.noting(figure, peer):
        stage.warm_up(peer, held)
        expected, before_s = right_answers(peer, held), peer.cpu_s()
        load = wrk(
            peer.port,
            [peer.read(client) for client in held],
            expected=expected,
            seconds=stage.form.seconds,
            connections=CONNECTIONS,
            folder=peer.folder,
            seed=seed,
        )
        cpu_us = (peer.cpu_s() - before_s) * 1e6
        stage.results.add(f"{figure}_cpu", peer.name, cpu_us / load.requests)
        add(stage, figure, peer, load)


def add(stage: Stage, figure: str, peer: Peer, load: Load) -> None:
    """Add what wrk told."""
    stage.results.add(figure, peer.name, load.per_second)
    stage.results.check(
        figure,
        peer.name,
        requests=load.requests,
        failed=load.failed,
        looked_at=load.checked,
        wrong=load.wrong,
    )
