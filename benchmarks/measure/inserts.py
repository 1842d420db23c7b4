"""Durable inserts, one a request and a hundred a request; afterwards every row is accounted for."""

from collections import Counter
from collections.abc import Callable, Sequence

from load.clients import Client
from load.drive import drive
from load.http import Answer
from measure.stage import Stage, in_turns, say
from peers.peer import Peer
from peers.roster import WRITERS

CONNECTIONS = 64
BULK_CONNECTIONS = 8
AT_ONCE = 100
PER_SECOND_MAX = 30_000  # clients made ready for each second: more than any peer takes
ONE, MANY = "insert_one", "insert_hundred"


def measure(stage: Stage) -> None:
    """Measure every peer that takes inserts, then count."""
    peers = stage.running(WRITERS)
    inserted: dict[str, list[str]] = {peer.name: [] for peer in peers}
    batches = {figure: _newcomers(stage) for figure in (ONE, MANY)}
    for number, peer in enumerate(in_turns(peers, stage.form.rounds)):
        if number % len(peers) == 0 and number:
            batches = {figure: _newcomers(stage) for figure in (ONE, MANY)}
        say(f"inserts, {peer.title}")
        inserted[peer.name] += _insert(stage, peer, batches)
    for peer in peers:
        with stage.noting("rows", peer):
            _account(stage, peer, inserted[peer.name])


def _newcomers(stage: Stage) -> list[Client]:
    return stage.newcomers(int(PER_SECOND_MAX * stage.form.seconds))


def _insert(stage: Stage, peer: Peer, batches: dict[str, list[Client]]) -> list[str]:
    """Insert by each route that the peer has; gives the documents of what was acknowledged."""
    documents = []
    for figure, size, connections in ((ONE, 1, CONNECTIONS), (MANY, AT_ONCE, BULK_CONNECTIONS)):
        groups = grouped(batches[figure], size)
        if encode := _encoder(peer, size):
            with stage.noting(figure, peer):
                done = _drive(stage, peer, figure, groups, encode, connections)
                documents += [client["document"] for group in done for client in group]
    return documents


def _encoder(peer: Peer, size: int) -> Callable[[Sequence[Client]], bytes] | None:
    if size == 1:
        return lambda group: peer.insert(group[0])
    return peer.insert_many if peer.has_insert_many else None


def _drive(
    stage: Stage,
    peer: Peer,
    figure: str,
    groups: Sequence[Sequence[Client]],
    encode: Callable[[Sequence[Client]], bytes],
    connections: int,
) -> list[Sequence[Client]]:
    requests = [encode(group) for group in groups]

    def judge(_number: int, answer: Answer) -> bool:
        return peer.is_inserted(answer.status, answer.body)

    driven = drive(
        peer.port, requests, connections=connections, seconds=stage.form.seconds, judge=judge
    )
    rows = sum(len(groups[number]) for number in driven.done)
    stage.results.add(figure, peer.name, rows / driven.took_s)
    stage.results.check(figure, peer.name, requests=len(driven.latencies_s), failed=driven.wrong)
    return [groups[number] for number in driven.done]


def _account(stage: Stage, peer: Peer, inserted: Sequence[str]) -> None:
    """Compare what is stored with what was there before and what was acknowledged since."""
    expected = Counter([client["document"] for client in stage.clients])
    expected.update(inserted)
    missing, more = differences(expected, Counter(peer.documents()))
    looked_at = sum(expected.values())
    stage.results.check("rows", peer.name, looked_at=looked_at, missing=missing, doubled=more)


def differences(expected: Counter[str], found: Counter[str]) -> tuple[int, int]:
    """Give how many rows are missing, and how many there are beyond the expected ones."""
    return (expected - found).total(), (found - expected).total()


def grouped(held: Sequence[Client], size: int) -> list[Sequence[Client]]:
    """Split into groups of a size; what is left over at the end is left out."""
    return [held[start : start + size] for start in range(0, len(held) - size + 1, size)]
